"""The one kind of console page: it reads through a selector and writes through services only."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet, TextChoices
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.forms import AdminForm
from unfold.views import ChangeList

from core.accounts.domain.roles import Role
from core.audit.actors import Actor
from core.console import figures, reach, words
from core.console.figures import Panel
from core.console.forms import ConsoleForm, Deed, ReasonForm, Sight
from core.console.groups import Group
from core.console.words import said
from core.errors import DomainError
from core.states import Machine

ADD = "add"
# Where an action came from: the page of one row, to which the answer returns.
FROM_ROW = "_from_row"


class ConsoleList(ChangeList):
    """A list that is told which rows it shows before it shows them."""

    result_list: Any

    def get_results(self, request: HttpRequest) -> None:
        """Read the page's rows, and at once what all of them need besides."""
        super().get_results(request)
        if not (self.query or self.has_active_filters):
            # Nothing is left out, so this is also how many there are.
            self.full_result_count = self.result_count
        self.result_list = list(self.result_list)
        self.model_admin.prepare(self.result_list)


class Named:
    """A row under the name that the office calls it by; the theme shows it above the page."""

    def __init__(self, row: Any, name: str) -> None:
        self._meta = row._meta  # noqa: SLF001
        self.pk = row.pk
        self.name = name

    def __str__(self) -> str:
        return self.name


class ReadPage(ModelAdmin):
    """A list and a page per row that show what a selector lets this person see.

    A subclass sets `rows` and `roles`, and adds actions and deeds that call services. Nothing here
    is ever saved by the framework.
    """

    # Called as rows(user) -> QuerySet; wrapped in staticmethod by the subclass.
    rows: Callable[[Any], QuerySet[Any]]
    # Whose work this is; which rows each of them sees, the selector says.
    roles: ClassVar[tuple[Role, ...]] = ()
    # Who of them may also use its forms; all of them where nobody is named.
    doers: ClassVar[tuple[Role, ...]] = ()
    # Where the page stands in the sidebar, and what one row and many of them are called.
    group: ClassVar[Group]
    place: ClassVar[int] = 10
    icon: ClassVar[str] = "list"
    called: ClassVar[tuple[Any, Any]]
    # The codes of the rows' `state` with their colours, and which action fits which of them.
    states: ClassVar[type[TextChoices]]
    colours: ClassVar[Mapping[Any, str]] = {}
    machine: ClassVar[Machine | None] = None
    # What is done by a form: to one row, or by the name "add" without one.
    deeds: ClassVar[tuple[Deed, ...]] = ()

    # What more there is to see of one row, or to take away of it.
    sights: ClassVar[tuple[Sight, ...]] = ()

    # What rooms above add to the page of a row: functions of the row, described as columns are.
    panels: ClassVar[tuple[Callable[[Any], Any], ...]] = ()

    list_per_page = 50
    show_full_result_count = False
    # Counting for each choice of each filter would be a statement apiece.
    show_facets = admin.ShowFacets.NEVER
    actions_selection_counter = True
    action_form = ReasonForm
    change_form_template = "console/row.html"
    form_template = "console/form.html"

    def __init__(self, model: type[Model], site: admin.AdminSite) -> None:
        super().__init__(model, site)
        # What people call things is said here, so that no model needs words for the console.
        options: Any = model._meta  # noqa: SLF001
        options.verbose_name, options.verbose_name_plural = self.called
        options.app_config.verbose_name = self.group.title

    # Who sees what.

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        ordering = self.get_ordering(request)
        found = type(self).rows(request.user)
        return found.order_by(*ordering) if ordering else found

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """Return a row in somebody's reach; every other is as if it were not there."""
        found = super().get_object(request, object_id, from_field)
        if found is None:
            raise Http404
        self.prepare([found])
        return found

    def prepare(self, rows: Sequence[Any]) -> None:
        """Read what the rows of a page need besides themselves, all of them at once."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return reach.holds(request.user, *self.roles)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.deed(ADD) is not None and self.may_do(request)

    def may_do(self, request: HttpRequest) -> bool:
        """Tell whether somebody may use the forms of this page, not only look at it."""
        return reach.holds(request.user, *(self.doers or self.roles))

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False

    # What is shown.

    def name_of(self, row: Any) -> str:
        """Return what a row is called above its page and in messages."""
        return str(row)

    @admin.display(description=said("State", "状态"), ordering="state")
    def standing(self, row: Any) -> SafeString:
        colour = self.colours.get(row.state, figures.GREY)
        return figures.badge(figures.label(self.states, row.state), colour)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Sequence[Any]:
        return (*super().get_fields(request, obj), *self.panels)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ConsoleList]:  # noqa: ARG002
        return ConsoleList

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.deed_view)
        address = path("<int:object_id>/do/<slug:name>/", view, name=self._name_of("deed"))
        look = self.admin_site.admin_view(self.sight_view)
        sight = path("<int:object_id>/see/<slug:name>/", look, name=self._name_of("sight"))
        return [address, *([sight] if self.sights else []), *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = {"title": self.opts.verbose_name_plural}
        answer: HttpResponse = super().changelist_view(request, {**(extra_context or {}), **title})
        row = request.POST.get(FROM_ROW, "")
        if isinstance(answer, HttpResponseRedirect) and row.isascii() and row.isdigit():
            return HttpResponseRedirect(self.address_of(int(row)))
        return answer

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",  # noqa: ARG002
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002
    ) -> HttpResponse:
        return self.deed_view(request, ADD)

    def history_view(self, *_: object, **__: object) -> HttpResponse:
        # The lives of things stand in the state log, which services write.
        raise Http404

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> Any:
        """Show a row with everything that can be done to it now."""
        row = options.get("obj")
        if row is not None and "deed" not in context:
            choices = dict(self.get_action_choices(request))
            context |= {
                "title": self.name_of(row),
                "subtitle": "",
                "original": Named(row, self.name_of(row)),
                "acts": [(name, choices[name]) for name in self.acts_on(row) if name in choices],
                "deeds": [
                    (self._deed_address(row.pk, deed.name), deed.title)
                    for deed in self.deeds
                    if deed.name != ADD and deed.fits(row) and self.may_do(request)
                ],
                "sights": [
                    (self.sight_address(row.pk, sight.name), sight.title)
                    for sight in self.sights
                    if sight.fits(row)
                ],
                "row_key": row.pk,
            }
        return super().render_change_form(request, context, *args, **options)

    # What is done.

    def acts_on(self, row: Any) -> list[str]:
        """Return the actions that fit a row as it stands."""
        # Actions that rooms above add are functions of the page.
        acts: Sequence[Any] = self.actions or ()
        names = [act if isinstance(act, str) else act.__name__ for act in acts]
        if self.machine is None:
            return names
        return [name for name in names if self.machine.next_of(row.state, name) is not None]

    def actor(self, request: HttpRequest) -> Actor:
        """Return who is at the console, for a service's log."""
        return Actor(int(request.user.pk or 0))

    def reason(self, request: HttpRequest) -> str:
        """Return why somebody acts, as it was typed beside the action."""
        form = ReasonForm(request.POST)
        form.fields.pop("action")
        return str(form.cleaned_data.get("reason", "")) if form.is_valid() else ""

    def carry_out(
        self, request: HttpRequest, rows: QuerySet[Any], call: Callable[[Any], object]
    ) -> None:
        """Call a service for each chosen row, and say what was done and what was refused."""
        done = 0
        refused: dict[str, list[str]] = defaultdict(list)
        for row in rows:
            try:
                call(row)
            except DomainError as refusal:
                refused[words.sentence(refusal)].append(self.name_of(row))
            else:
                done += 1
        for sentence, names in refused.items():
            self.message_user(request, f"{', '.join(names)}: {sentence}", level=messages.ERROR)
        if done:
            self.message_user(request, words.chosen(f"{done} done.", f"已完成 {done} 项。"))

    def deed(self, name: str) -> Deed | None:
        """Return what is done by a form under a name."""
        return next((deed for deed in self.deeds if deed.name == name), None)

    def deed_view(
        self, request: HttpRequest, name: str, object_id: int | None = None
    ) -> HttpResponse:
        """Show a form, or hand what was typed to its service and show what came of it."""
        if not self.may_do(request):
            raise PermissionDenied
        deed = self.deed(name)
        if deed is None or (name == ADD) != (object_id is None):
            raise Http404
        row = self.get_object(request, str(object_id)) if object_id is not None else None
        form = self._form_of(deed, request, row)
        if request.method == "POST" and form.is_valid():
            try:
                shown = deed.carry_out(self, request, row, form.given())
            except DomainError as refusal:
                form.refuse(refusal)
            else:
                self.message_user(request, words.chosen("Done.", "已完成。"))
                return HttpResponseRedirect(self.address_of(shown.pk))
        return self._form_page(request, deed, form, row)

    def sight_view(self, request: HttpRequest, object_id: int, name: str) -> HttpResponse:
        """Show something more of a row in somebody's reach, or hand it over."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        sight = next((one for one in self.sights if one.name == name), None)
        row = self.get_object(request, str(object_id))
        if sight is None or not sight.fits(row):
            raise Http404
        answer: HttpResponse = sight.answer(self, request, row)
        return answer

    def shown(
        self, request: HttpRequest, row: Any, title: Any, panels: Sequence[Panel]
    ) -> TemplateResponse:
        """Return a page of panels about a row, from which one goes back to it."""
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "subtitle": self.name_of(row),
            "panels": panels,
            "back": self.address_of(row.pk),
            "back_label": said("Back", "返回"),
        }
        return TemplateResponse(request, "console/panels.html", context)

    def address_of(self, key: int) -> str:
        """Return the address of a row's page."""
        return reverse(f"{self.admin_site.name}:{self._name_of('change')}", args=[key])

    def sight_address(self, key: int, name: str) -> str:
        """Return the address of what more there is to see of a row."""
        return reverse(f"{self.admin_site.name}:{self._name_of('sight')}", args=[key, name])

    def _deed_address(self, key: int, name: str) -> str:
        return reverse(f"{self.admin_site.name}:{self._name_of('deed')}", args=[key, name])

    def _name_of(self, view: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{view}"

    def _form_of(self, deed: Deed, request: HttpRequest, row: Any) -> ConsoleForm:
        typed = request.POST if request.method == "POST" else None
        return deed.form(typed, initial=deed.start(row))

    def _form_page(
        self, request: HttpRequest, deed: Deed, form: ConsoleForm, row: Any
    ) -> HttpResponse:
        seen = tuple(field.name for field in form.visible_fields())
        groups = form.groups or ((None, seen),)
        fieldsets = [(heading, {"fields": fields}) for heading, fields in groups]
        context = {
            **self.admin_site.each_context(request),
            "title": deed.title,
            "subtitle": self.name_of(row) if row is not None else "",
            "deed": deed,
            "adminform": AdminForm(form, fieldsets, {}, (), model_admin=self),
            "errors": form.errors,
            "inline_admin_formsets": [],
            "media": self.media + form.media,
            "original": Named(row, self.name_of(row)) if row is not None else None,
            "back": self.address_of(row.pk) if row is not None else "../",
        }
        page: TemplateResponse = self.render_change_form(request, context, add=row is None, obj=row)
        page.template_name = self.form_template
        return page
