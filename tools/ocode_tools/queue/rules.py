"""What becomes of a job when its cause is seen again, and when a try has ended: no file, no clock."""

from __future__ import annotations

from ocode_tools.queue.base import AGAIN_AFTER, MOST_TRIES, Cause, Job, State


def again(old: Job, cause: Cause, now: float, run_at: float) -> tuple[State, int, float] | None:
    """State, tries and earliest time of a job whose cause is seen (again); None where nothing changes.

    What was refused is tried again once its file changed, what is parked when its rest is over. What is done is done.
    """
    match old.state:
        case "stale" if old.tries < MOST_TRIES:
            return "waiting", old.tries, run_at
        case "stale":
            return "parked", old.tries, now + AGAIN_AFTER
        case "refused" if old.digest != cause.digest:
            return "waiting", old.tries, run_at
        case "refused" | "parked" if now >= old.run_at:
            return "waiting", 0, run_at
        case _:
            return None


def ended(tries: int, state: State, reason: str, now: float, run_at: float) -> tuple[State, str, float]:
    """State, reason and earliest time of the next try of a job that was tried `tries` times and ended in `state`.

    What was refused too often is parked; what is refused or parked rests until `run_at`, by default for a week.
    """
    if state == "refused" and tries >= MOST_TRIES:
        state, reason = "parked", f"tried {tries} times; {reason}"
    if state in ("refused", "parked"):
        run_at = run_at or now + AGAIN_AFTER
    return state, reason, run_at


def lost(job: Job, now: float) -> tuple[State, str, float]:
    """The same for a job whose worker died."""
    if job.tries < MOST_TRIES:
        return "ready", "its worker died", min(job.run_at, now)
    return "parked", f"its worker died; tried {job.tries} times", now + AGAIN_AFTER
