from django.db import migrations

# The text that is hashed does not depend on the session's time zone or date style.
CREATE = r"""
CREATE FUNCTION core_event_hash(event core_event) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT sha256(event.previous_hash || convert_to(concat_ws(chr(31),
        event.seq, extract(epoch FROM event.at), to_char(event."on", 'YYYY-MM-DD'),
        coalesce(event.actor_id::text, ''), event.verb, event.subject, event.subject_id, event.note::text
    ), 'UTF8'))
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]
    operations = [migrations.RunSQL(CREATE, "DROP FUNCTION core_event_hash(core_event);")]
