from __future__ import annotations

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

import arena.models.reasons

# Labels agree with the word for "answer" of their language.
FOR, AGAINST = 1, -1
LANGUAGES = ("en", "fr", "de", "es", "zh-hans")
REASONS = {
    "accurate": (FOR, "accurate", "exacte", "richtig", "correcta", "准确"),
    "coherent": (FOR, "coherent", "cohérente", "schlüssig", "coherente", "连贯"),
    "complete": (FOR, "complete", "complète", "vollständig", "completa", "完整"),
    "follows_instructions": (
        FOR, "follows instructions", "suit les consignes", "befolgt die Anweisungen",
        "sigue las instrucciones", "遵循指令",
    ),
    "clear_formatting": (
        FOR, "clear format", "mise en forme claire", "klar gegliedert", "formato claro", "格式清晰",
    ),
    "creative": (FOR, "creative", "créative", "kreativ", "creativa", "有创意"),
    "useful": (FOR, "useful", "utile", "nützlich", "útil", "有用"),
    "incorrect": (AGAINST, "incorrect", "incorrecte", "falsch", "incorrecta", "有错误"),
    "incoherent": (
        AGAINST, "incoherent", "incohérente", "nicht schlüssig", "incoherente", "不连贯",
    ),
    "superficial": (AGAINST, "superficial", "superficielle", "oberflächlich", "superficial", "肤浅"),
    "instructions_not_followed": (
        AGAINST, "ignored instructions", "consignes ignorées", "Anweisungen missachtet",
        "ignora las instrucciones", "未遵循指令",
    ),
    "refused": (
        AGAINST, "refused without need", "refus injustifié", "grundlos verweigert",
        "se niega sin motivo", "无故拒答",
    ),
    "unsafe": (AGAINST, "unsafe", "dangereuse", "gefährlich", "peligrosa", "不安全"),
    "style": (AGAINST, "poor style", "style maladroit", "schlechter Stil", "mal estilo", "文风不佳"),
}  # fmt: skip


def add(apps: Any, schema_editor: Any) -> None:
    """The reasons that an arena begins with; admins edit them."""
    reasons = apps.get_model("arena", "Reason").objects
    for order, (key, (sign, *labels)) in enumerate(REASONS.items()):
        by_language = dict(zip(LANGUAGES, labels, strict=True))
        reasons.get_or_create(
            key=key, defaults={"sign": sign, "labels": by_language, "order": order}
        )


class Migration(migrations.Migration):
    dependencies = [("arena", "0033_forgotten_voters")]

    operations = [
        migrations.CreateModel(
            name="Reason",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "key",
                    models.SlugField(
                        help_text="Its name in files of votes; it can't be changed.",
                        max_length=40,
                        unique=True,
                    ),
                ),
                (
                    "sign",
                    models.SmallIntegerField(
                        choices=[(1, "for the answer"), (-1, "against it")],
                        help_text="It can't be changed.",
                    ),
                ),
                (
                    "labels",
                    models.JSONField(
                        help_text="by language", validators=[arena.models.reasons.check_labels]
                    ),
                ),
                (
                    "order",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="The lowest stands first."
                    ),
                ),
                (
                    "archived",
                    models.BooleanField(
                        default=False, help_text="No longer offered. Votes that have it keep it."
                    ),
                ),
            ],
            options={
                "ordering": ["-sign", "order", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(sign__in=[1, -1]), name="reason_sign"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(key__regex="^[-a-z0-9_]+$"),
                        name="reason_key",
                        violation_error_message=(
                            "Use small letters without accents, digits, - and _."
                        ),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Remark",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("side", models.CharField(choices=[("A", "A"), ("B", "B")], max_length=1)),
                ("text", models.CharField(max_length=1000)),
                (
                    "vote",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="remarks",
                        to="arena.vote",
                    ),
                ),
            ],
            options={
                "ordering": ["vote", "side"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("vote", "side"), name="remark_of_a_side_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="VoteReason",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("side", models.CharField(choices=[("A", "A"), ("B", "B")], max_length=1)),
                (
                    "reason",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="arena.reason",
                    ),
                ),
                (
                    "vote",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reasons",
                        to="arena.vote",
                    ),
                ),
            ],
            options={
                "ordering": ["vote", "side", "reason"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("vote", "side", "reason"), name="vote_reason_once"
                    )
                ],
            },
        ),
        migrations.RunPython(add, migrations.RunPython.noop),
    ]
