from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("arena", "0035_shares")]

    operations = [
        migrations.AddField(
            model_name="campaign",
            name="first_pair",
            field=models.ForeignKey(
                editable=False,
                help_text="What every voter judges first. Its votes show agreement, and never count.",
                null=True,
                on_delete=models.SET_NULL,
                related_name="+",
                to="arena.pairing",
            ),
        ),
    ]
