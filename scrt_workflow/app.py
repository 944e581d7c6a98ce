"""The web service, put together."""

from importlib import import_module

from scrt_workflow import catalogue
from scrt_workflow.clock import Clock
from scrt_workflow.database import make_engine
from scrt_workflow.settings import Settings
from scrt_workflow.web import blueprints, csrf, edge, errors, guards, headers, jinja, kept_posts, keys, navigation, requests
from scrt_workflow.web.requests import Service, Surroundings
from scrt_workflow.web.sessions import DatabaseSessions, Visitors, actor_or_none


def create_app(settings: Settings, clock: Clock, *, real_clock: Clock | None = None) -> Service:
    """Make the service. *clock* keeps its calendar; sign-ins and sessions go by *real_clock*, which a test may hold."""
    app = Service("scrt_workflow")
    engine = make_engine(settings.database, pool_size=settings.database_pool)
    catalogue.call_dardr(engine, settings.dardr_from, clock.today)
    requests.install(app, Surroundings(settings, engine, clock, real_clock or Clock()))
    edge.install(app, settings)
    app.session_interface = DatabaseSessions(secret=app.config["SECRET_KEY"], demo=settings.demo)
    Visitors(app)
    headers.install(app)
    errors.install(app)
    jinja.install(app, demo=settings.demo, compiled=settings.instance / "templates")
    navigation.install(app, actor=actor_or_none)
    guards.install(app)
    csrf.install(app)
    kept_posts.install(app)
    keys.install(app)
    for name in blueprints(demo=settings.demo):
        app.register_blueprint(import_module(f"scrt_workflow.web.{name}").pages)
    guards.refuse_unguarded(app)
    return app
