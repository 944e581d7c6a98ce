"""The process that viewflow runs: an update by a designate, then a sign-off. Django must be set up before this is imported."""

from __future__ import annotations

from django.urls import path
from viewflow import jsonstore, this
from viewflow.workflow import flow
from viewflow.workflow.flow import views
from viewflow.workflow.models import Process


class ReviewProcess(Process):
    """A review, as viewflow keeps one: its answers lie in the process's JSON."""

    latest_update = jsonstore.TextField()

    class Meta:
        """It needs no table of its own, and no migration."""

        proxy = True
        app_label = "viewflow"


class ReviewFlow(flow.Flow):
    """Give an update, then sign off."""

    process_class = ReviewProcess

    start = flow.StartHandle().Next(this.give_update)
    give_update = (
        flow.View(views.UpdateProcessView.as_view(fields=["latest_update"])).Assign(username="designate").Next(this.sign_off)
    )
    sign_off = flow.View(views.UpdateProcessView.as_view(fields=[])).Next(this.end)
    end = flow.End()


urlpatterns = [path("reviews/", flow.FlowViewset(ReviewFlow).urls)]
