import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# The words of all prompts and answers of a battle. Chinese, Japanese and Thai have no spaces between
# words, so each of their characters is a word of its own (`arena.browsing.words` asks likewise).
# The limits keep the result below the 1 MB that a tsvector may have: nothing may stop an answer from
# being stored.
WORDS = r"""
CREATE FUNCTION arena_words_of(wanted bigint) RETURNS tsvector LANGUAGE sql STABLE AS $$
    SELECT to_tsvector('simple', CASE WHEN octet_length(whole) = length(whole) THEN whole
        ELSE regexp_replace(whole, '([\u0E00-\u0EFF\u3040-\u30FF\u3400-\u4DBF\u4E00-\u9FFF])',
            ' \1 ', 'g') END)
    FROM (SELECT left(coalesce(string_agg(said, E'\n'), ''), 150000) AS whole
    FROM (
        SELECT left(prompt, 20000) AS said FROM arena_turn WHERE battle_id = wanted
        UNION ALL
        SELECT left(text, 20000) FROM arena_answer
        JOIN arena_turn ON arena_turn.id = turn_id WHERE battle_id = wanted
    ) AS texts) AS joined
$$;
CREATE FUNCTION arena_keep_words() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wanted bigint;
BEGIN
    IF TG_TABLE_NAME = 'arena_turn' THEN
        wanted := NEW.battle_id;
    ELSE
        SELECT battle_id INTO wanted FROM arena_turn WHERE id = NEW.turn_id;
    END IF;
    INSERT INTO arena_battlewords (battle_id, words) VALUES (wanted, arena_words_of(wanted))
    ON CONFLICT (battle_id) DO UPDATE SET words = excluded.words;
    RETURN NULL;
END $$;
CREATE TRIGGER words_of_new_turn AFTER INSERT ON arena_turn
    FOR EACH ROW WHEN (NEW.prompt <> '') EXECUTE FUNCTION arena_keep_words();
CREATE TRIGGER words_of_turn AFTER UPDATE OF prompt ON arena_turn
    FOR EACH ROW WHEN (OLD.prompt <> NEW.prompt) EXECUTE FUNCTION arena_keep_words();
CREATE TRIGGER words_of_new_answer AFTER INSERT ON arena_answer
    FOR EACH ROW WHEN (NEW.text <> '') EXECUTE FUNCTION arena_keep_words();
CREATE TRIGGER words_of_answer AFTER UPDATE OF text ON arena_answer
    FOR EACH ROW WHEN (OLD.text <> NEW.text) EXECUTE FUNCTION arena_keep_words();
INSERT INTO arena_battlewords (battle_id, words)
    SELECT battle_id, arena_words_of(battle_id) FROM (SELECT DISTINCT battle_id FROM arena_turn) AS b;
"""
NO_WORDS = """
DROP TRIGGER words_of_new_turn ON arena_turn;
DROP TRIGGER words_of_turn ON arena_turn;
DROP TRIGGER words_of_new_answer ON arena_answer;
DROP TRIGGER words_of_answer ON arena_answer;
DROP FUNCTION arena_keep_words;
DROP FUNCTION arena_words_of;
"""
# PostgreSQL alters no table on which triggers of the same transaction still wait.
NOW = "SET CONSTRAINTS ALL IMMEDIATE"


class Migration(migrations.Migration):

    dependencies = [
        ('arena', '0043_addresses'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BattleWords',
            fields=[
                ('battle', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='words', serialize=False, to='arena.battle')),
                ('words', django.contrib.postgres.search.SearchVectorField()),
            ],
            options={
                'verbose_name_plural': 'battle words',
            },
        ),
        migrations.CreateModel(
            name='BulkChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('after', models.CharField(choices=[('COUNTED', 'counted'), ('PENDING', 'pending'), ('EXCLUDED', 'excluded')], max_length=8)),
                ('votes', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), help_text='primary keys of the chosen votes', size=None)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('preview', models.JSONField(default=dict, help_text='the boards before and after it')),
                ('state', models.CharField(choices=[('DRAFT', 'not applied'), ('APPLIED', 'applied'), ('UNDONE', 'undone')], default='DRAFT', max_length=7)),
                ('changed', models.PositiveIntegerField(default=0, help_text='votes, when it was applied')),
                ('restored', models.PositiveIntegerField(default=0, help_text='votes, when it was undone')),
                ('asked', models.DateTimeField(help_text='when the background worker was asked to apply or undo it', null=True)),
                ('created', models.DateTimeField(auto_now_add=True)),
                ('applied', models.DateTimeField(null=True)),
                ('undone', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.AddField(
            model_name='standingchange',
            name='reason_before',
            field=models.CharField(blank=True, db_default='', max_length=300),
        ),
        migrations.AddIndex(
            model_name='answer',
            index=models.Index(condition=models.Q(('state', 'DONE'), _negated=True), fields=['id'], name='answers_not_done'),
        ),
        migrations.AddIndex(
            model_name='answer',
            index=models.Index(condition=models.Q(('finish_reason__in', ['', 'stop']), _negated=True), fields=['finish_reason', 'id'], name='answers_cut_off'),
        ),
        migrations.AlterField(
            model_name='battle',
            name='campaign',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='battles', to='arena.campaign'),
        ),
        migrations.AlterField(
            model_name='battle',
            name='contestant_a',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='arena.contestant'),
        ),
        migrations.AlterField(
            model_name='battle',
            name='contestant_b',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='arena.contestant'),
        ),
        migrations.AddIndex(
            model_name='answer',
            index=models.Index(fields=['revision', 'id'], name='answers_of_a_revision'),
        ),
        migrations.AddIndex(
            model_name='battle',
            index=models.Index(fields=['campaign', 'created', 'id'], name='battles_of_a_campaign'),
        ),
        migrations.AddIndex(
            model_name='battle',
            index=models.Index(fields=['contestant_a', 'created', 'id'], name='battles_with_a'),
        ),
        migrations.AddIndex(
            model_name='battle',
            index=models.Index(fields=['contestant_b', 'created', 'id'], name='battles_with_b'),
        ),
        migrations.AddIndex(
            model_name='battle',
            index=models.Index(fields=['created', 'id'], name='battles_by_time'),
        ),
        migrations.AddIndex(
            model_name='battle',
            index=models.Index(condition=models.Q(('state', 'VOTED'), _negated=True), fields=['created', 'id'], name='battles_without_vote'),
        ),
        migrations.AddIndex(
            model_name='battlelabels',
            index=models.Index(fields=['language'], name='labels_of_a_language'),
        ),
        migrations.AddIndex(
            model_name='battlelabels',
            index=django.contrib.postgres.indexes.GinIndex(fields=['categories'], name='labels_of_a_category'),
        ),
        migrations.RunSQL(WORDS, NO_WORDS),
        migrations.RunSQL(NOW, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name='battlewords',
            index=django.contrib.postgres.indexes.GinIndex(fields=['words'], name='words_of_battles'),
        ),
        migrations.AddField(
            model_name='bulkchange',
            name='by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='standingchange',
            name='bulk',
            field=models.ForeignKey(db_index=False, help_text='that it was a part of', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='arena.bulkchange'),
        ),
        migrations.AddIndex(
            model_name='standingchange',
            index=models.Index(condition=models.Q(('bulk__isnull', False)), fields=['bulk'], name='changes_in_bulk'),
        ),
    ]
