from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def forget_what_was_assumed(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Imports used to enter models that the catalogue lacks as proprietary, with this licence. Where
    an admin has since named a licence or made the model run, its access is left alone."""
    contestants = apps.get_model("arena", "Contestant").objects.using(editor.connection.alias)
    assumed = contestants.filter(access="PROPRIETARY", licence="not known")
    assumed.exclude(revisions__number__gt=0).update(access="UNKNOWN")


class Migration(migrations.Migration):

    dependencies = [
        ('arena', '0009_style_of_imported_votes'),
    ]

    operations = [
        migrations.AlterField(
            model_name='contestant',
            name='access',
            field=models.CharField(choices=[('OPEN_SOURCE', 'open source'), ('OPEN_WEIGHTS', 'open weights'), ('PROPRIETARY', 'proprietary'), ('UNKNOWN', 'access unknown')], max_length=12),
        ),
        migrations.RunPython(forget_what_was_assumed, migrations.RunPython.noop),
    ]
