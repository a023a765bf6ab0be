"""Deliver one report, or word of its failure, by every way the study file names, once."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol
from urllib.parse import quote

from cxanalysis.config import Deliver
from cxanalysis.config.delivering import Mail
from cxanalysis.deliver.content import MANIFEST, Content, content_of
from cxanalysis.deliver.errors import DeliveryError, UnreachableError
from cxanalysis.deliver.mail import send
from cxanalysis.deliver.mark import MARK, Mark, fingerprint, mark_of, mark_path
from cxanalysis.deliver.webhook import post
from cxanalysis.errors import CxError, ReportError
from cxanalysis.places import place
from cxanalysis.report.folders import failed_folder
from cxanalysis.report.hold import held

Way = Literal["folder", "mail", "webhook"]


class InFolder(Protocol):
    """A report, or the error of one that failed: both lie in a folder."""

    @property
    def folder(self) -> Path:
        """Where it lies."""


@dataclass(frozen=True)
class Sent:
    """What became of one way: "sent", "sent before", or "failed" with the reason.

    ``is_down`` is whether nobody answered there at all.
    """

    way: Way
    outcome: Literal["sent", "sent before", "failed"]
    why: str = ""
    is_down: bool = False


@dataclass(frozen=True)
class Delivery:
    """What became of all ways of one report; none where nothing is to be delivered.

    ``is_busy`` is true where another run is making or delivering the report at this moment.
    """

    sent: tuple[Sent, ...] = ()
    is_busy: bool = False

    @property
    def problems(self) -> tuple[str, ...]:
        """One sentence for each way that failed."""
        return tuple(
            f"Not delivered by {each.way}: {each.why}. "
            f"{'This run sends no more there. ' if each.is_down else ''}"
            "The next cxanalysis batch or run-due tries again."
            for each in self.sent
            if each.outcome == "failed"
        )


def deliver(
    report_or_failure: InFolder | Path, config: Deliver, without: Collection[Way] = ()
) -> Delivery:
    """Deliver a report that lies in its folder, or the failure whose record lies there.

    Each way is marked when it is done, in ``delivered.json``; a later call does what is missing
    and nothing twice. A failure is told by mail and webhook once for each reason, and copied
    nowhere. Never raises for what goes wrong on the way: the report stays, the reason is given,
    and the next call tries again. Call it outside of `report.hold.held` of the same report.

    Parameters
    ----------
    report_or_failure
        A `Report`, a `StoppedReportError`, or the folder of either.
    config
        The study file's ``[deliver]``.
    without
        Ways to leave for a later call, since nobody answers there.
    """
    if config == Deliver():
        return Delivery()
    folder = report_or_failure if isinstance(report_or_failure, Path) else report_or_failure.folder
    folder = folder.absolute()
    with held(folder.parents[2], folder, wait=False) as work:
        if work is None:
            return Delivery(is_busy=True)
        try:
            content = content_of(folder)
        except DeliveryError as error:
            return Delivery(tuple(Sent(way, "failed", str(error)) for way in _ways(config)))
        if not content.is_failure:  # the next failure is news again
            mark_path(failed_folder(folder), is_failure=True).unlink(missing_ok=True)
        return Delivery(tuple(_deliver(content, config, without)))


def awaits_delivery(folder: Path, config: Deliver) -> bool:
    """Whether a report that lies in its folder has not gone every way that the study file names."""
    if config == Deliver():
        return False
    try:
        content = content_of(folder.absolute())
    except DeliveryError:
        return True  # said where it is delivered
    mark = mark_of(content)
    ways = [way for way in _ways(config) if way != "mail"]
    readers = config.mail.readers(content.segment) if config.mail else ()
    return not all(mark.has(way) for way in [*ways, *map(fingerprint, readers)])


def _ways(config: Deliver) -> list[Way]:
    given: list[tuple[Way, object]] = [
        ("folder", config.folder),
        ("mail", config.mail),
        ("webhook", config.webhook),
    ]
    return [way for way, settings in given if settings is not None]


def _deliver(content: Content, config: Deliver, without: Collection[Way]) -> Iterator[Sent]:
    mark, link = mark_of(content), _link(content, config)
    if config.folder is not None and not content.is_failure:
        target = config.folder
        mark, sent = _once("folder", mark, lambda: _copy(content, target))
        yield sent
    if config.mail is not None and "mail" not in without:
        readers = (
            config.mail.watchers if content.is_failure else config.mail.readers(content.segment)
        )
        if readers:
            mark, sent = _mail(content, config.mail, readers, mark, link)
            yield sent
    if config.webhook is not None and "webhook" not in without:
        webhook = config.webhook
        _, sent = _once("webhook", mark, lambda: post(webhook, content, link))
        yield sent


def _link(content: Content, config: Deliver) -> str:
    """Where readers find what there is to open; empty where there is nothing."""
    page = content.page
    if page is None:
        return ""
    if config.link is not None:
        parts = [quote(os.fsencode(p), safe="") for p in (*content.folder.parts[-3:], page.name)]
        return "/".join([config.link.rstrip("/"), *parts])
    if config.folder is not None and not content.is_failure:
        with contextlib.suppress(ReportError):  # said where the copy fails
            return f"{place(config.folder).name.rstrip('/')}/{content.place}/{page.name}"
    return str(page)


def _once(way: Way, mark: Mark, do: Callable[[], None]) -> tuple[Mark, Sent]:
    if mark.has(way):
        return mark, Sent(way, "sent before")
    try:
        do()
    except (DeliveryError, ReportError) as error:
        return mark, _failed(way, error)
    return mark.add(way), Sent(way, "sent")


def _failed(way: Way, error: CxError) -> Sent:
    return Sent(way, "failed", str(error).rstrip("."), isinstance(error, UnreachableError))


def _mail(
    content: Content, mail: Mail, readers: Sequence[str], mark: Mark, link: str
) -> tuple[Mark, Sent]:
    """Each reader is marked as soon as the server has taken the message."""
    missing = [reader for reader in readers if not mark.has(fingerprint(reader))]
    if not missing:
        return mark, Sent("mail", "sent before")
    try:
        for reader in send(mail, content, missing, link):
            mark = mark.add(fingerprint(reader))
    except DeliveryError as error:
        return mark, _failed("mail", error)
    return mark, Sent("mail", "sent")


def _copy(content: Content, target: str) -> None:
    """Copy the report's files, its manifest last: a reader never takes half of it for whole.

    Of an earlier copy the manifest goes first, and at the end what is no file of this report.
    """
    paths = (p.relative_to(content.folder) for p in content.folder.rglob("*") if p.is_file())
    names = [p.as_posix() for p in sorted(paths) if not any(part[0] == "." for part in p.parts)]
    names = sorted(set(names) - {MARK}, key=lambda name: (name == MANIFEST, name))
    there = place(target)
    try:
        earlier = set(there.files(content.place))
        if f"{content.place}/{MANIFEST}" in earlier:
            there.remove(f"{content.place}/{MANIFEST}")
        for name in names:
            there.write(f"{content.place}/{name}", (content.folder / name).read_bytes())
        for name in earlier - {f"{content.place}/{name}" for name in names}:
            there.remove(name)
    except OSError as error:
        raise DeliveryError(f"{there.name}: cannot be written ({type(error).__name__})") from None
