from functools import partial
from typing import Any

import arena.models.campaigns
import arena.models.guests
import django.db.models.deletion
from django.db import migrations, models


def keep_invitations(apps: Any, schema_editor: Any) -> None:
    """Links that were sent go on, without an end as before, and whoever came by one is a guest.
    Campaigns from before there were invitations all had one code; it stays with the first."""
    get = partial(apps.get_model, "arena")
    codes = set()
    for campaign in get("Campaign").objects.filter(visibility="INVITATION").order_by("pk"):
        is_taken = campaign.invitation in codes
        code = arena.models.campaigns.invitation_token() if is_taken else campaign.invitation
        codes.add(code)
        kept = get("CampaignInvitation").objects.create(
            campaign=campaign, code=code, expires=None,
            note="The campaign's link from before invitations could expire",
        )
        voters = get("Battle").objects.filter(campaign=campaign).order_by()
        Guest = get("Guest")
        Guest.objects.bulk_create(
            Guest(invitation=kept, voter_id=pk)
            for pk in voters.values_list("voter", flat=True).distinct()
        )


def keep_no_invitations(apps: Any, schema_editor: Any) -> None:
    """On the way back each campaign gets the code of its oldest invitation."""
    for one in apps.get_model("arena", "CampaignInvitation").objects.order_by("-pk"):
        apps.get_model("arena", "Campaign").objects.filter(pk=one.campaign_id).update(
            invitation=one.code
        )


class Migration(migrations.Migration):

    dependencies = [
        ('arena', '0048_api_keys'),
    ]

    operations = [
        migrations.CreateModel(
            name='CampaignInvitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(default=arena.models.campaigns.invitation_token, editable=False, max_length=32, unique=True)),
                ('note', models.CharField(blank=True, help_text='Whom it is for. Nothing is sent to them.', max_length=200)),
                ('expires', models.DateTimeField(blank=True, default=arena.models.guests.in_a_month, help_text='In UTC. Empty: never.', null=True)),
                ('most_voters', models.PositiveIntegerField(blank=True, help_text='Empty: any number.', null=True, verbose_name='voters, at most')),
                ('revoked', models.BooleanField(default=False, help_text='Its link is dead, also for those who came by it.')),
                ('created', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'verbose_name': 'invitation',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='Guest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='promptsuggestion',
            name='suggestion_once',
        ),
        migrations.AddField(
            model_name='campaign',
            name='contestants',
            field=models.ManyToManyField(blank=True, help_text='Who is drawn in its live battles, while active. None chosen: all that are.', related_name='campaigns', to='arena.contestant'),
        ),
        migrations.AddField(
            model_name='promptsuggestion',
            name='campaign',
            field=models.ForeignKey(blank=True, help_text='Whose start page suggests it. Empty: that of the arena.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='suggestions', to='arena.campaign'),
        ),
        migrations.AlterField(
            model_name='campaign',
            name='closes',
            field=models.DateTimeField(blank=True, help_text='In UTC. No battle begins after it; those begun take a vote for another hour. Empty: never.', null=True),
        ),
        migrations.AlterField(
            model_name='campaign',
            name='languages',
            field=models.CharField(blank=True, help_text='Codes such as “en, de”: its start page names them, and suggests prompts in them only. Empty means any.', max_length=200),
        ),
        migrations.AlterField(
            model_name='campaign',
            name='opens',
            field=models.DateTimeField(blank=True, help_text='In UTC. Empty: immediately.', null=True),
        ),
        migrations.AlterField(
            model_name='campaign',
            name='paused',
            field=models.BooleanField(default=False, help_text='No battle begins, and no further answers are prepared. Those begun go on.'),
        ),
        migrations.AddConstraint(
            model_name='promptsuggestion',
            constraint=models.UniqueConstraint(fields=('campaign', 'language', 'text'), name='suggestion_once', nulls_distinct=False),
        ),
        migrations.AddField(
            model_name='campaigninvitation',
            name='campaign',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to='arena.campaign'),
        ),
        migrations.AddField(
            model_name='guest',
            name='invitation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='guests', to='arena.campaigninvitation'),
        ),
        migrations.AddField(
            model_name='guest',
            name='voter',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='arena.voter'),
        ),
        migrations.AddConstraint(
            model_name='campaigninvitation',
            constraint=models.CheckConstraint(condition=models.Q(('most_voters', None), ('most_voters__gt', 0), _connector='OR'), name='invitation_for_somebody', violation_error_message='At least one voter, or empty for any number.'),
        ),
        migrations.AddConstraint(
            model_name='guest',
            constraint=models.UniqueConstraint(fields=('invitation', 'voter'), name='guest_once'),
        ),
        migrations.RunPython(keep_invitations, keep_no_invitations),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", "SET CONSTRAINTS ALL IMMEDIATE"),
        migrations.RemoveField(
            model_name='campaign',
            name='invitation',
        ),
    ]
