from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ratings', '0004_static_copies'),
    ]

    operations = [
        migrations.AlterField(
            model_name='board',
            name='method',
            field=models.CharField(choices=[('bradley-terry', 'Bradley-Terry'), ('style', 'Style-controlled Bradley-Terry'), ('elo', 'Elo')], default='bradley-terry', max_length=40),
        ),
    ]
