from django.db import migrations, models

RELEASE = """
    UPDATE placement_shoporder AS part SET released_at = part.paid_at
    FROM placement_order AS o
    WHERE o.id = part.order_id AND part.paid_at IS NOT NULL AND (
        part.state IN ('TO_SHIP', 'PARTLY_SHIPPED', 'SHIPPED', 'SIGNED', 'COMPLETED')
        OR part.state = 'PAID' AND o.waits_for <> 'PRESALE')
"""


class Migration(migrations.Migration):

    dependencies = [
        ('placement', '0005_presales'),
    ]

    operations = [
        migrations.AddField(
            model_name='shoporder',
            name='promise_hours',
            field=models.PositiveSmallIntegerField(default=48),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='shoporder',
            name='released_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.RunSQL(RELEASE, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name='shoporder',
            constraint=models.CheckConstraint(condition=models.Q(('promise_hours__gte', 1)), name='placement_shoporder_promises_a_time'),
        ),
        migrations.AddConstraint(
            model_name='shoporder',
            constraint=models.CheckConstraint(condition=models.Q(('released_at', None), ('paid_at__isnull', False), _connector='OR'), name='placement_shoporder_released_was_paid'),
        ),
        migrations.AddConstraint(
            model_name='shoporder',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('TO_SHIP', 'PARTLY_SHIPPED', 'SHIPPED', 'SIGNED', 'COMPLETED')), _negated=True), ('released_at__isnull', False), _connector='OR'), name='placement_shoporder_planned_was_released'),
        ),
    ]
