import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('topic', models.CharField(max_length=100)),
                ('body', models.JSONField()),
                ('request_id', models.CharField(default='', max_length=100)),
                ('recorded_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['recorded_at', 'id'], name='outbox_message_by_age')],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('message', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='outbox.message')),
                ('consumer', models.CharField(max_length=200)),
                ('state', models.CharField(choices=[('PENDING', 'Pending|待处理'), ('DONE', 'Done|已处理'), ('PARKED', 'Parked for a person|待人工处理')], default='PENDING', max_length=10)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('rings', models.PositiveIntegerField(default=0)),
                ('next_attempt_at', models.DateTimeField()),
                ('done_at', models.DateTimeField(null=True)),
                ('parked_at', models.DateTimeField(null=True)),
                ('failure', models.TextField(default='')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'PENDING')), fields=['next_attempt_at', 'id'], name='outbox_delivery_due'), models.Index(condition=models.Q(('state', 'PARKED')), fields=['parked_at', 'id'], name='outbox_delivery_parked')],
                'constraints': [models.UniqueConstraint(fields=('message', 'consumer'), name='outbox_delivery_once_per_consumer'), models.CheckConstraint(condition=models.Q(('state__in', ['PENDING', 'DONE', 'PARKED'])), name='outbox_delivery_state_is_known'), models.CheckConstraint(condition=models.Q(models.Q(('done_at__isnull', False), ('state', 'DONE')), models.Q(models.Q(('state', 'DONE'), _negated=True), ('done_at', None)), _connector='OR'), name='outbox_delivery_done_has_its_instant'), models.CheckConstraint(condition=models.Q(models.Q(('parked_at__isnull', False), ('state', 'PARKED')), models.Q(models.Q(('state', 'PARKED'), _negated=True), ('parked_at', None)), _connector='OR'), name='outbox_delivery_parked_has_its_instant')],
            },
        ),
    ]
