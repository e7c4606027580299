"""deliver, outbox, posthog: what waits in the outbox, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from populace.cli import options, wording
from populace.cli.context import context
from populace.cli.output import Output
from populace.cli.stopping import stoppable
from populace.cli.tables import table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


Channel = Annotated[
    str | None,
    typer.Option("--channel", metavar="C", help="Only this one of the world's channels. Default: all."),
]

outbox = typer.Typer(
    help="Rows that wait to be sent, and rows that were rejected, in every channel.", no_args_is_help=True
)
Events = Annotated[
    str | None,
    typer.Option("--channel", metavar="C", help="The world's channel of events. Default: the only one it has."),
]
posthog = typer.Typer(
    help="Events, as PostHog takes them: what waits, what was delivered, what was refused.", no_args_is_help=True
)


def deliver(
    channel: Annotated[
        str | None,
        typer.Option(
            "--channel", metavar="C", help="Only this one of the world's channels. Default: all that are configured."
        ),
    ] = None,
    seconds: options.Seconds = None,
    target: options.Target = None,
    world: options.World = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    log_json: options.LogJson = False,
) -> None:
    """Send what waits in the outbox until nothing waits; populace run does the same while it runs.

    A row that is not accepted stays and is tried again; when nothing is accepted for a minute the command ends, and the
    rows wait for the next call. Exit code 1 when a row was rejected, 4 when rows wait and nothing is accepted.

    Examples:

      populace deliver

      populace deliver --channel posthog --for 60
    """
    from populace.operations.integrations.deliver import DeliverRequest
    from populace.operations.integrations.deliver import deliver as send

    out = Output(as_json, quiet, verbose, log_json)
    with stoppable() as stop:
        request = DeliverRequest(world=world, channel=channel, seconds=seconds)
        done = send(context(target, out, world), request, on_event=out.hear, stop=stop)
    rows = [
        (name, *(f"{counts[what]:,}" for what in ("delivered", "rejected", "waiting")))
        for name, counts in done.channels.items()
    ]
    refused = done.total("rejected")
    text = table(("CHANNEL", "DELIVERED", "REJECTED", "WAITING"), rows, right=[1, 2, 3])
    if refused:
        text += f"\n\n{refused:,} rejected: {wording.again('outbox', 'status')} shows why"
    out.result(done.document(), text)
    fault = done.fault()
    if fault:
        raise fault
    if refused:
        raise typer.Exit(1)


@outbox.command("status")
def outbox_status(
    channel: Channel = None,
    target: options.Target = None,
    world: options.World = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Show what waits in each channel, what was delivered, and what was rejected, with the reason.

    Example: populace outbox status
    """
    from populace.operations.integrations.outbox import ChannelRequest
    from populace.operations.integrations.outbox import outbox_status as look

    out = Output(as_json, quiet)
    document = look(context(target, out, world), ChannelRequest(world=world, channel=channel)).document()
    rows, parts = [], []
    for name, found in document["channels"].items():
        refused = found["rejected"]
        counts = (sum(found["waiting"].values()), found["failed_attempts"], sum(found["delivered"].values()))
        rows.append((name, *(f"{n:,}" for n in (*counts, sum(r["rows"] for r in refused)))))
        if refused:
            shown = [f"  {r['kind']}: {r['rows']:,}, such as {r['example']}: {r['error']}" for r in refused]
            again = wording.again("outbox", "retry", "--channel", name)
            parts.append("\n".join([f"{name} refused for good:", *shown, f"  {again} lets them wait again"]))
        if found["ahead_of_real_time"]:
            parts.append(f"{name}: {waits(counts[0], found['ahead_of_real_time'])}")
    head = ("CHANNEL", "WAITING", "FAILED ATTEMPTS", "DELIVERED", "REJECTED")
    out.result(document, "\n\n".join([table(head, rows, right=[1, 2, 3, 4]), *parts]))


@outbox.command("retry")
def outbox_retry(
    channel: Channel = None,
    target: options.Target = None,
    world: options.World = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Let rejected rows wait again, as if they were new.

    Example: populace outbox retry --channel chat
    """
    _retry(channel, target, world, Output(as_json, quiet))


@posthog.command()
def status(
    channel: Events = None,
    target: options.Target = None,
    world: options.World = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Show whether a key is set (never which), what waits, what was delivered or rejected, and what time was queued.

    Example: populace posthog status
    """
    from populace.operations.integrations.outbox import ChannelRequest, events_status

    out = Output(as_json, quiet)
    document = events_status(context(target, out, world), ChannelRequest(world=world, channel=channel)).document()
    out.result(document, _said(document, wording.again("posthog", "retry")))


@posthog.command()
def backfill(
    since: Annotated[str, typer.Option("--since", metavar="T", help="From this simulated time on, ISO with a zone.")],
    until: Annotated[
        str | None, typer.Option("--until", metavar="T", help="Up to this simulated time. Default: what is written.")
    ] = None,
    channel: Events = None,
    target: options.Target = None,
    world: options.World = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    log_json: options.LogJson = False,
) -> None:
    """Queue events of the past that were never queued. A runner may be at work at the same time.

    Example: populace posthog backfill --since 2026-01-01T00:00:00Z --world hogflix
    """
    from populace import clock
    from populace.operations.integrations.backfill import BackfillEventsRequest, backfill_events

    out = Output(as_json, quiet, verbose, log_json)
    request = BackfillEventsRequest(
        since_us=clock.parse(since, "backfill_events.since"),
        until_us=clock.parse(until, "backfill_events.until") if until is not None else None,
        world=world,
        channel=channel,
    )
    with stoppable() as stop:
        done = backfill_events(
            context(target, out, world),
            request,
            on_event=out.hear,
            stop=stop,
        )
    next_step = f"; next: {wording.again('deliver', '--channel', done.channel)}" if done.events else ""
    out.result(done.document(), f"{done.events:,} events of {done.days:,.1f} days are queued{next_step}")


@posthog.command()
def retry(
    channel: Events = None,
    target: options.Target = None,
    world: options.World = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Let events that were refused for good wait again, as if they were new.

    Example: populace posthog retry
    """
    _retry(channel, target, world, Output(as_json, quiet), events=True)


def _retry(channel: str | None, target: str | None, world: str | None, out: Output, *, events: bool = False) -> None:
    from populace.operations.integrations.outbox import ChannelRequest, retry, retry_events

    request = ChannelRequest(world=world, channel=channel)
    done = (retry_events if events else retry)(context(target, out, world), request)
    command = ("deliver", "--channel", done.channel) if done.channel else ("deliver",)
    next_step = f"; next: {wording.again(*command)}" if done.rows else ""
    out.result(done.document(), f"{done.rows:,} rejected before wait again{next_step}")


def waits(rows: int, ahead: int) -> str:
    """How many rows wait, and how many of them until real time is where they are."""
    return f"{rows:,}, {ahead:,} of them for real time to catch up" if ahead else f"{rows:,}"


def _said(document: Mapping[str, Any], retrying: str) -> str:
    """The state of PostHog for a reader."""
    waiting, tried, delivered = document["waiting"], document["failed_attempts"], document["delivered"]
    failed = f", {tried:,} of them after failed attempts" if tried else ""
    parts = [
        f"host: {document['host']}\n"
        f"key: {'set' if document['key_set'] else 'not set; events wait'}\n"
        f"waiting: {waits(sum(waiting.values()), document['ahead_of_real_time'])}{failed}\n"
        f"delivered: {sum(d['events'] for d in delivered.values()):,}\n"
        f"rejected: {sum(r['events'] for r in document['rejected']):,}"
    ]
    kinds = sorted({*waiting, *delivered})
    if kinds:
        none = {"events": 0, "first": "", "last": ""}
        rows = [
            (kind, f"{waiting.get(kind, 0):,}", f"{d['events']:,}", d["first"], d["last"])
            for kind in kinds
            for d in [delivered.get(kind, none)]
        ]
        parts.append(table(("EVENT", "WAITING", "DELIVERED", "FIRST DAY", "LAST DAY"), rows, right=[1, 2]))
    if document["rejected"]:
        refused = [
            f"  {r['event']}: {r['events']:,}, such as {r['example']}: {r['error']}" for r in document["rejected"]
        ]
        parts.append("\n".join(["rejected for good:", *refused, f"  {retrying} lets them wait again"]))
    for name, head in (("covered", "queued, in simulated time"), ("gaps", "never queued")):
        if document[name]:
            parts.append("\n".join([f"{head}:", *(f"  {s['from']} to {s['to']}" for s in document[name])]))
    return "\n\n".join(parts)
