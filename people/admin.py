"""People in the admin: accounts, roles, invitations, failed attempts to sign in."""

from __future__ import annotations

from typing import Any

from allauth.account.admin import EmailAddress
from allauth.mfa.admin import Authenticator
from allauth.socialaccount.admin import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.admin import UserSession
from axes.admin import AccessAttemptAdmin
from axes.models import AccessAttempt
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from . import invitations, origins, owners
from .audit import What, record
from .forms import InvitationForm, PersonForm
from .models import AuditEvent, Invitation
from .roles import ROLES
from .signing_in import factors
from .signing_in.forgotten import path_for
from .signing_in.pages import reset_factors


def _is_owner(request: HttpRequest) -> bool:
    """Looked up once, though the menu of each page asks for every permission on every list."""
    if not hasattr(request, "is_owner"):
        request.is_owner = owners.includes(request.user)  # type: ignore[attr-defined]
    return bool(request.is_owner)  # type: ignore[attr-defined]


class OwnersOnly(admin.ModelAdmin):
    """Whoever may change accounts or groups could make themselves an owner."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _is_owner(request) and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_owner(request) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_owner(request) and super().has_delete_permission(request, obj)


class PersonAdmin(OwnersOnly, UserAdmin):
    """Rights come from roles; who has one may enter the admin."""

    form = PersonForm
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        ("Rights", {"fields": ("is_active", "groups", "is_superuser")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ("is_superuser", "last_login", "date_joined")
    list_display = ("username", "email", "roles", "second_factor", "is_active", "last_login")
    list_filter = ("groups", "is_active", "is_superuser")
    actions = None  # accounts are deleted one by one

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The few roles as boxes: Django's two lists have no names for screen readers."""
        if db_field.name == "groups":
            kwargs["widget"] = forms.CheckboxSelectMultiple
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        rows = super().get_queryset(request).prefetch_related("groups")
        protected = factors.have_one().filter(user_id=OuterRef("pk"))
        annotated: QuerySet[User] = rows.annotate(is_protected=Exists(protected))
        return annotated

    @admin.display(description="roles")
    def roles(self, user: User) -> str:
        names = [group.name for group in user.groups.all()]
        return ", ".join(["Superuser", *names] if user.is_superuser else names)

    @admin.display(description="second factor", boolean=True)
    def second_factor(self, user: Any) -> bool:
        return bool(user.is_protected)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.second_factor_view)
        link_view = self.admin_site.admin_view(self.password_link_view)
        return [
            path("<int:pk>/second-factor/", view, name="auth_user_second_factor"),
            path("<int:pk>/password-link/", link_view, name="auth_user_password_link"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        user = self.get_object(request, object_id)
        has_any = user is not None and factors.of(user).exists()
        extra_context = {**(extra_context or {}), "factors": has_any}
        return super().change_view(request, object_id, form_url, extra_context)

    def second_factor_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """For somebody who lost it: the password is enough again."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        user = get_object_or_404(User, pk=pk)
        if request.method == "POST":
            reset_factors(request, user)
            messages.success(request, f"The second factor of {user} is reset.")
            return redirect("admin:auth_user_change", pk)
        context = {
            **self.admin_site.each_context(request),
            "title": "Reset second factor",
            "person": user,
            "factors": [factors.name(one) for one in factors.of(user)],
        }
        return TemplateResponse(request, "admin/auth/user/second_factor.html", context)

    def password_link_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """For somebody who forgot their password: the link, shown this once."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        user = get_object_or_404(User, pk=pk)
        context = {**self.admin_site.each_context(request), "title": "Password link"}
        if request.method == "POST" and user.is_active:
            record(request, What.LINKED, f"user {user.pk} ({user})")
            context["link"] = origins.origin_of(request) + path_for(user)
            context["doubt"] = origins.doubt_of(request)
        context["person"] = user
        return TemplateResponse(request, "admin/auth/user/password_link.html", context)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        user: User = form.instance
        user.is_staff = user.is_superuser or bool(user.get_all_permissions() or user.groups.all())
        user.save(update_fields=["is_staff"])

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        with transaction.atomic():
            user = self.get_object(request, object_id)
            if user and self.has_delete_permission(request, user) and owners.is_last(user):
                self.message_user(request, owners.LAST, messages.ERROR)
                return redirect("admin:auth_user_change", user.pk)
            return super().delete_view(request, object_id, extra_context)


class RoleAdmin(OwnersOnly, GroupAdmin):
    """The operator's own groups. Those of the roles are what `people.roles` says."""

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return not _is_role(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return not _is_role(obj) and super().has_delete_permission(request, obj)


def _is_role(group: Group | None) -> bool:
    return group is not None and group.name in ROLES


@admin.register(Invitation)
class InvitationAdmin(OwnersOnly):
    form = InvitationForm
    list_display = ("created", "role", "note", "state", "made_by", "used_by", "expires")
    list_filter = ("role",)
    list_select_related = ("role", "made_by", "used_by")
    search_fields = ("note", "used_by__username")
    actions = ("revoke",)

    def has_change_permission(self, request: HttpRequest, obj: Invitation | None = None) -> bool:
        """Only as a whole, to revoke some: a link that was sent can't mean something else later."""
        return obj is None and super().has_change_permission(request, obj)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Without links to add or change a group: roles are chosen here, not made."""
        if db_field.name == "role":
            return db_field.formfield(**kwargs)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Invitation | None = None) -> tuple[str, ...]:
        if obj is None:
            return ("role", "note", "days")
        return ("role", "note", "state", "made_by", "created", "expires", "used_by", "used")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        asked = form.cleaned_data
        made, code = invitations.new(
            asked["role"], asked["note"], asked["days"], made_by=request.user
        )
        obj.__dict__.update(made.__dict__)
        obj.link = origins.origin_of(request) + reverse("invitation", args=[code])

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        """The link, shown this once."""
        context = {
            **self.admin_site.each_context(request),
            "title": "Invitation made",
            "invitation": obj,
            "doubt": origins.doubt_of(request),
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/people/invitation/made.html", context)

    @admin.action(description="Revoke", permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[Invitation]) -> None:
        revoked = [one for one in queryset if invitations.revoke(one)]
        for one in revoked:
            self.log_change(request, one, "Revoked.")
        self.message_user(request, f"Revoked: {len(revoked)}. Their links no longer work.")


@admin.register(AccessAttempt)
class FailedSignInAdmin(AccessAttemptAdmin):
    """Failed attempts to sign in. Deleting those of an address lets it in again at once."""

    actions = None

    def has_change_permission(self, request: HttpRequest, obj: AccessAttempt | None = None) -> bool:
        return False


@admin.register(AuditEvent)
class AuditAdmin(admin.ModelAdmin):
    """Read only, in the database too."""

    list_display = ("at", "who", "what", "about", "detail", "address")
    list_filter = ("what",)
    date_hierarchy = "at"
    search_fields = ("who", "about", "detail", "address")
    search_help_text = "A name, an object such as “contestant 12”, or an address."
    show_full_result_count = False  # of a log that only grows

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: AuditEvent | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AuditEvent | None = None) -> bool:
        return False


# Its own pages have what is left to show of allauth's.
OF_ALLAUTH = (EmailAddress, Authenticator, UserSession, SocialAccount, SocialApp, SocialToken)
admin.site.unregister([User, Group, *OF_ALLAUTH])
admin.site.register(User, PersonAdmin)
admin.site.register(Group, RoleAdmin)
