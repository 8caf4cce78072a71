from django.urls import path

from .pages import (
    checks,
    choose,
    compare,
    data,
    fairness,
    image,
    integrity,
    leaderboard,
    model,
    open_closed,
    reasons,
    report,
    response_times,
    shares,
    snapshots,
    statistics,
)

urlpatterns = [  # pages, in every language
    # /leaderboard/
    path("", leaderboard.leaderboard, name="leaderboard"),
    path("method/", statistics.method, name="method"),
    # /leaderboard/snapshots/
    path("snapshots/<slug:public_id>/", snapshots.snapshot, name="snapshot"),
    path("snapshots/<slug:public_id>/pages/<slug:page>/", snapshots.snapshot, name="snapshot_page"),
    # /leaderboard/<campaign>/
    path("<slug:campaign>/", leaderboard.leaderboard, name="campaign_leaderboard"),
    path(
        "<slug:campaign>/pages/<slug:page>/", leaderboard.leaderboard_page, name="leaderboard_page"
    ),
    path("<slug:campaign>/embed/", data.embed, name="embed"),
    path("<slug:campaign>/choose/", choose.choose, name="choose"),
    path("<slug:campaign>/compare/", compare.compare, name="compare"),
    path("<slug:campaign>/method/", statistics.method, name="method"),
    path("<slug:campaign>/snapshots/", snapshots.snapshots, name="snapshots"),
    # /leaderboard/<campaign>/open-and-closed/
    path("<slug:campaign>/open-and-closed/", open_closed.open_closed, name="open_closed"),
    # /leaderboard/<campaign>/response-times/
    path("<slug:campaign>/response-times/", response_times.response_times, name="response_times"),
    path(
        "<slug:campaign>/response-times/<slug:prompts>/",
        response_times.response_times,
        name="response_times",
    ),
    # /leaderboard/<campaign>/reasons/
    path("<slug:campaign>/reasons/", reasons.all_reasons, name="what_voters_say"),
    path("<slug:campaign>/reasons/<slug:reason>/", reasons.one_reason, name="what_voters_say"),
    # /leaderboard/<campaign>/statistics/
    path("<slug:campaign>/statistics/", statistics.statistics, name="statistics"),
    # /leaderboard/<campaign>/shares/
    path("<slug:campaign>/shares/", shares.shares, name="shares"),
    # /leaderboard/<campaign>/fairness/
    path("<slug:campaign>/fairness/", fairness.fairness, name="fairness"),
    # /leaderboard/<campaign>/integrity/
    path("<slug:campaign>/integrity/", integrity.integrity, name="integrity"),
    # /leaderboard/<campaign>/checks/
    path("<slug:campaign>/checks/", checks.checks, name="checks"),
    # /leaderboard/<campaign>/report/
    path("<slug:campaign>/report/", report.report, name="report"),
    # /leaderboard/<campaign>/models/
    path("<slug:campaign>/models/<slug:slug>/", model.model, name="model"),
]

file_urlpatterns = [
    path("data.json", leaderboard.data, name="leaderboard_data"),
    path("snapshots/<slug:public_id>.zip", snapshots.archive, name="snapshot_archive"),
    path("<slug:campaign>/data.json", leaderboard.data, name="campaign_data"),
    path("<slug:campaign>/newest.json", leaderboard.pulse, name="campaign_newest"),
    path("<slug:campaign>/leaderboard.csv", data.board_csv, name="board_csv"),
    path("<slug:campaign>/leaderboard.parquet", data.board_parquet, name="board_parquet"),
    path("<slug:campaign>/feed.atom", data.feed, name="feed"),
    path("<slug:campaign>/image.svg", image.svg, name="image"),
    path("<slug:campaign>/image.png", image.png, name="image_png"),
    path("<slug:campaign>/compare/<slug:name>.csv", compare.figure_data),
    path("<slug:campaign>/open-and-closed/<slug:name>.csv", open_closed.figure_data),
    path("<slug:campaign>/statistics/<slug:name>.csv", statistics.figure_data),
    path("<slug:campaign>/response-times/<slug:name>.csv", response_times.figure_data),
    path(
        "<slug:campaign>/response-times/<slug:prompts>/<slug:name>.csv", response_times.figure_data
    ),
    path("<slug:campaign>/reasons/<slug:name>.csv", reasons.all_data),
    path("<slug:campaign>/reasons/<slug:reason>/<slug:name>.csv", reasons.one_data),
    path("<slug:campaign>/shares/<slug:name>.csv", shares.figure_data),
    path("<slug:campaign>/fairness/<slug:name>.csv", fairness.figure_data),
    path("<slug:campaign>/integrity/<slug:name>.csv", integrity.figure_data),
    path("<slug:campaign>/checks/<slug:name>.csv", checks.figure_data),
    path("<slug:campaign>/models/<slug:slug>/badge.svg", model.badge, name="badge"),
    path("<slug:campaign>/models/<slug:slug>/<slug:name>.csv", model.figure_data),
]
