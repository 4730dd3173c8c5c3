"""Models of the rule files that steer what we do: playbooks, calendars, policy, routing."""

from __future__ import annotations

from datetime import date
from difflib import get_close_matches
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, RootModel, field_validator, model_validator

from bot.case.calendar import Calendar
from bot.case.model import PartyRole
from bot.case.playbook import Playbook, Step
from bot.case.reasons import Reason
from bot.case.routing import Kind, Matter, Route, Routing
from bot.draft.lint import WORD_CATEGORIES
from bot.notice.facts import Action, Right
from bot.settings.parts import (
    CountryField,
    FileModel,
    LanguageField,
    LineField,
    Model,
    NameField,
    SpanField,
    WaitField,
)
from bot.settings.values import Policy

ACCOUNT_CALENDAR = "account"
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class StepFile(Model):
    """One step of a playbook."""

    name: NameField
    to: PartyRole = Field(description="Whom the letter goes to.")
    copy_amazon: bool = Field(default=False, description="Amazon's address of the notice in Cc.")
    template: NameField | None = Field(default=None, description="In templates/<language>/; default: name.")
    wait: WaitField = Field(description="From the letter's acceptance until the next step falls due.")

    def value(self) -> Step:
        """As a frozen value."""
        return Step(
            name=self.name,
            to=self.to,
            copy_amazon=self.copy_amazon,
            template=self.template or self.name,
            wait=self.wait,
        )


class PlaybookFile(FileModel):
    """rules/playbooks/<name>.yaml."""

    steps: list[StepFile] = Field(min_length=1)
    calendar: NameField = Field(
        default=ACCOUNT_CALENDAR,
        description="A file in rules/calendars, or account: the account's own.",
    )
    reply_by: WaitField = Field(description="The date by which a letter asks for an answer.")
    good_for: WaitField = Field(description="How long a draft stays good.")
    last_safe_margin: WaitField | None = Field(default=None, description="Default: see rules/policy.yaml.")
    last_safe_default: WaitField | None = Field(default=None, description="Default: see rules/policy.yaml.")
    letter_limit: int | None = Field(default=None, ge=1, le=3, description="Default: see rules/policy.yaml.")

    @field_validator("steps")
    @classmethod
    def _names_are_unique(cls, steps: list[StepFile]) -> list[StepFile]:
        names = [step.name for step in steps]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f'two steps have the name "{name}"')
        return steps

    def value(self, name: str, policy: Policy) -> Playbook:
        """As a frozen value; what the file leaves out comes from the policy."""
        return Playbook(
            name=name,
            steps=tuple(step.value() for step in self.steps),
            calendar=self.calendar,
            last_safe_margin=self.last_safe_margin or policy.last_safe_margin,
            last_safe_default=self.last_safe_default or policy.last_safe_default,
            reply_by=self.reply_by,
            good_for=self.good_for,
            letter_limit=self.letter_limit or policy.letter_limit,
        )


class CalendarFile(FileModel):
    """rules/calendars/<name>.yaml: whose holidays count, and days of our own."""

    country: CountryField
    subdivision: str | None = None
    weekend: list[Literal[_WEEKDAYS]] = Field(  # type: ignore[valid-type]
        default=["saturday", "sunday"], max_length=6
    )
    closed: list[date] = Field(default_factory=list, description="Further days without work.")
    open: list[date] = Field(default_factory=list, description="Days that count although they look free.")

    def value(self, name: str, time_zone: str) -> Calendar:
        """As a frozen value in a time zone."""
        return Calendar(
            name=name,
            time_zone=time_zone,
            country=self.country,
            subdivision=self.subdivision,
            weekend=frozenset(_WEEKDAYS.index(day) for day in self.weekend),
            closed=frozenset(self.closed),
            open=frozenset(self.open),
        )


class LastSafeModel(Model):
    """The last-safe date: the platform's deadline less a margin, or a default of ours."""

    default: WaitField = Field(description="Counted from a notice that names no limit.")
    margin: WaitField
    source: LineField = Field(description="Why this default; shown beside every date computed from it.")


class PolicyFile(FileModel):
    """rules/policy.yaml."""

    last_safe: LastSafeModel
    letter_limit: int = Field(
        ge=1, le=3, description="Letters to one complainant in one case; three at most."
    )
    reconciled_within: SpanField = Field(description="How fresh the mailbox must be before a letter.")
    providers_file_sent: list[str] = Field(
        default_factory=list, description="Domains of submission hosts that file a copy in Sent themselves."
    )

    def value(self) -> Policy:
        """As a frozen value."""
        return Policy(
            last_safe_default=self.last_safe.default,
            last_safe_margin=self.last_safe.margin,
            last_safe_source=self.last_safe.source,
            letter_limit=self.letter_limit,
            reconciled_within=self.reconciled_within,
            providers_file_sent=frozenset(domain.lower() for domain in self.providers_file_sent),
        )


class WhenModel(Model):
    """Conditions of a route; all that are written must fit, none written fits everything."""

    kinds: list[Kind] = Field(default_factory=list)
    families: list[NameField] = Field(default_factory=list)
    rights: list[Right] = Field(default_factory=list)
    actions: list[Action] = Field(default_factory=list)
    warning: bool | None = None
    automated: bool | None = None
    counsel: bool | None = None


class RouteModel(Model):
    """One line of the routing table."""

    name: NameField
    when: WhenModel = WhenModel()
    playbook: NameField | None = Field(default=None, description="Start this playbook,")
    hold: Reason | None = Field(default=None, description="or hold the case for a person, for this reason.")

    @model_validator(mode="after")
    def _one_of_two(self) -> RouteModel:
        if (self.playbook is None) == (self.hold is None):
            raise ValueError(f'route "{self.name}" needs exactly one of playbook and hold')
        return self

    def value(self) -> Route:
        """As a frozen value."""
        when = self.when
        return Route(
            name=self.name,
            kinds=frozenset(kind.value for kind in when.kinds),
            families=frozenset(when.families),
            rights=frozenset(right.value for right in when.rights),
            actions=frozenset(action.value for action in when.actions),
            warning=when.warning,
            automated=when.automated,
            counsel=when.counsel,
            playbook=self.playbook,
            hold=self.hold,
        )


class RouteTest(Model):
    """A notice in short, and the route it must take."""

    route: NameField
    kind: Kind = Kind.NOTICE
    family: str = ""
    right: Right | None = None
    action: Action | None = None
    warning: bool = False
    automated: bool = False
    counsel: bool = False

    def matter(self) -> Matter:
        """What routing looks at."""
        return Matter(
            kind=self.kind,
            family=self.family,
            right=self.right.value if self.right else None,
            action=self.action.value if self.action else None,
            warning=self.warning,
            automated=self.automated,
            counsel=self.counsel,
        )


class RoutingFile(FileModel):
    """rules/routing.yaml: read from top to bottom, the first route that fits wins."""

    routes: list[RouteModel] = Field(min_length=1)
    tests: list[RouteTest] = Field(default_factory=list, description="Run by `rejoinder rules test`.")

    @field_validator("routes")
    @classmethod
    def _ends_in_a_catch_all(cls, routes: list[RouteModel]) -> list[RouteModel]:
        names = [route.name for route in routes]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f'two routes have the name "{name}"')
        for route in routes[:-1]:
            if route.value().catch_all:
                raise ValueError(f'nothing passes route "{route.name}", so the routes below it never fit')
        if not routes[-1].value().catch_all:
            raise ValueError(f'the last route, "{routes[-1].name}", must fit everything: leave out its when')
        return routes

    def value(self) -> Routing:
        """As a frozen value."""
        return Routing(routes=tuple(route.value() for route in self.routes))


def _word_category(name: str) -> str:
    if name not in WORD_CATEGORIES:
        near = get_close_matches(name, sorted(WORD_CATEGORIES), 1)
        meant = f"; did you mean {near[0]}?" if near else ""
        raise ValueError(f"the categories are {', '.join(sorted(WORD_CATEGORIES))}{meant}")
    return name


class WordsFile(
    RootModel[dict[LanguageField, dict[Annotated[str, AfterValidator(_word_category)], list[LineField]]]]
):
    """rules/words.yaml: what a letter should not say by accident; language tag, category, phrases."""
