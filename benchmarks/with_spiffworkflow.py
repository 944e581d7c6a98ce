"""A step in SpiffWorkflow: a process of two user tasks, kept whole as JSON in one row, as its documentation does it.

Around it stands a Flask view with the form's token, a signed cookie, and statements made once.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from uuid import UUID, uuid4

from flask import Flask, Response, abort, redirect, render_template_string, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect, FlaskForm
from SpiffWorkflow import TaskState
from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from sqlalchemy import Column, Engine, MetaData, Table, Text, Uuid, bindparam, insert, select, update
from wtforms import TextAreaField
from wtforms.validators import InputRequired

from benchmarks.browser import request_to, token_in
from benchmarks.timing import Way
from benchmarks.tracker import UPDATE
from scrt_workflow.database import make_engine

PROCESS = b"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="reviews" targetNamespace="http://bpmn.io/schema/bpmn">
  <process id="review" isExecutable="true">
    <startEvent id="start"><outgoing>a</outgoing></startEvent>
    <sequenceFlow id="a" sourceRef="start" targetRef="give_update"/>
    <userTask id="give_update" name="Give an update"><incoming>a</incoming><outgoing>b</outgoing></userTask>
    <sequenceFlow id="b" sourceRef="give_update" targetRef="sign_off"/>
    <userTask id="sign_off" name="Sign off"><incoming>b</incoming><outgoing>c</outgoing></userTask>
    <sequenceFlow id="c" sourceRef="sign_off" targetRef="end"/>
    <endEvent id="end"><incoming>c</incoming></endEvent>
  </process>
</definitions>"""
METADATA = MetaData()
TABLE = Table("process", METADATA, Column("id", Uuid(), primary_key=True), Column("state", Text(), nullable=False))
FIND = select(TABLE.c.state).where(TABLE.c.id == bindparam("process_id")).with_for_update()
KEEP = update(TABLE).where(TABLE.c.id == bindparam("process_id"))
SERIALIZER = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure())


class UpdateForm(FlaskForm):  # type: ignore[misc]
    """The one question of the form."""

    latest_update = TextAreaField("What is new?", [InputRequired("Enter an update")])


def by_spiffworkflow(url: str) -> Way:
    """Give the way that completes a task of a new process, on the empty database at *url*."""
    engine = make_engine(url)
    METADATA.create_all(engine)
    app, begun = make_app(engine), _begun()
    client = app.test_client()
    token = token_in(client.get("/reviews", base_url="http://127.0.0.1").data)
    kept = client.get_cookie("session", domain="127.0.0.1")
    cookie = f"session={kept.value}" if kept else ""

    def prepare() -> Callable[[], object]:
        process_id = uuid4()
        with engine.begin() as connection:
            connection.execute(insert(TABLE), {"id": process_id, "state": begun})
        return request_to(
            app, "POST", f"/reviews/{process_id}", cookie=cookie, form={"csrf_token": token, "latest_update": UPDATE}
        )

    def done() -> int:
        with engine.connect() as connection:
            kept = [SERIALIZER.deserialize_json(state) for state in connection.scalars(select(TABLE.c.state))]
        signing = [one.get_next_task(state=TaskState.READY, spec_name="sign_off") for one in kept]
        return sum(task is not None and task.data == {"latest_update": UPDATE} for task in signing)

    return Way(prepare, done, engine.dispose)


def _begun() -> str:
    """Give a new process that has come to its first task, as it is kept."""
    parser = BpmnParser()
    parser.add_bpmn_str(PROCESS)
    workflow = BpmnWorkflow(parser.get_spec("review"))
    workflow.do_engine_steps()
    return str(SERIALIZER.serialize_json(workflow))


def make_app(engine: Engine) -> Flask:
    """Make the service of one view on the database of *engine*."""
    app = Flask("with_spiffworkflow")
    app.config.update(SECRET_KEY=secrets.token_urlsafe(32), WTF_CSRF_TIME_LIMIT=None)
    CSRFProtect(app)

    @app.get("/reviews")
    def form() -> str:
        session["person"] = "designate"
        return render_template_string('<input name="csrf_token" value="{{ csrf_token() }}">')

    @app.post("/reviews/<uuid:process_id>")
    def give_update(process_id: UUID) -> ResponseReturnValue:
        if session.get("person") is None:
            abort(403)
        form = UpdateForm()
        if not form.validate():
            return Response(status=422)
        with engine.begin() as connection:
            kept = connection.execute(FIND, {"process_id": process_id}).scalar_one_or_none() or abort(404)
            state = _completed(kept, form.latest_update.data)
            connection.execute(KEEP, {"process_id": process_id, "state": state})
        return redirect(url_for("form"), 303)

    return app


def _completed(kept: str, text: str) -> str:
    workflow = SERIALIZER.deserialize_json(kept)
    task = workflow.get_next_task(state=TaskState.READY, spec_name="give_update")
    if task is None:
        abort(409)
    task.set_data(latest_update=text)
    task.run()
    workflow.refresh_waiting_tasks()
    workflow.do_engine_steps()
    return str(SERIALIZER.serialize_json(workflow))
