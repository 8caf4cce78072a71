import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("arena", "0013_pair_weights")]

    operations = [
        migrations.AlterField(
            model_name="revision",
            name="key_variable",
            field=models.CharField(
                blank=True,
                help_text="Environment variable of the model worker that holds the API key.",
                max_length=80,
                validators=[
                    django.core.validators.RegexValidator(
                        "^(?:[A-Z][A-Z0-9_]*_API_KEY|AWS_BEARER_TOKEN_BEDROCK|HF_TOKEN)\\Z",
                        "Such as OPENAI_API_KEY; also AWS_BEARER_TOKEN_BEDROCK and HF_TOKEN.",
                    )
                ],
            ),
        ),
    ]
