import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Trace',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('deed', models.CharField(choices=[('CLAIM', 'Claims a coupon|领券'), ('ORDER', 'Places an order|下单')], max_length=5)),
                ('subject', models.UUIDField()),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('device', models.CharField(blank=True, default='', max_length=64)),
                ('network', models.CharField(blank=True, default='', max_length=64)),
                ('recipient', models.CharField(blank=True, default='', max_length=64)),
                ('address', models.CharField(blank=True, default='', max_length=64)),
                ('is_as_newcomer', models.BooleanField(default=False)),
                ('outcome', models.CharField(choices=[('ALLOW', 'Allowed|放行'), ('REVIEW', 'To be looked at|待复核'), ('REFUSE', 'Refused|拒绝')], max_length=6)),
                ('code', models.CharField(blank=True, choices=[('', 'None|无'), ('DEEDS_TOO_FAST', 'Too many at once|操作过于频繁'), ('DEVICE_CROWDED', 'Many people on one device|同一设备账号过多'), ('ADDRESS_CROWDED', 'Many people at one address|同一收货信息账号过多'), ('NETWORK_CROWDED', 'Many people on one network|同一网络账号过多'), ('OWN_SHOP_PURCHASE', 'Buys from the own shop|购买本店商品'), ('NOT_A_NEW_USER', 'Somebody here was new before|非新用户')], default='', max_length=20)),
                ('at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['user', 'at'], name='abuse_trace_of_user'), models.Index(condition=models.Q(('device', ''), _negated=True), fields=['device', 'at'], name='abuse_trace_by_device'), models.Index(condition=models.Q(('network', ''), _negated=True), fields=['network', 'at'], name='abuse_trace_by_network'), models.Index(condition=models.Q(('recipient', ''), _negated=True), fields=['recipient', 'at'], name='abuse_trace_by_recipient'), models.Index(condition=models.Q(('address', ''), _negated=True), fields=['address', 'at'], name='abuse_trace_by_address'), models.Index(condition=models.Q(('outcome', 'REVIEW')), fields=['at'], name='abuse_trace_to_look_at')],
                'constraints': [models.CheckConstraint(condition=models.Q(('address__regex', '^([0-9a-f]{64})?$'), ('device__regex', '^([0-9a-f]{64})?$'), ('network__regex', '^([0-9a-f]{64})?$'), ('recipient__regex', '^([0-9a-f]{64})?$')), name='abuse_trace_keeps_hashes_only'), models.CheckConstraint(condition=models.Q(models.Q(('code', ''), ('outcome', 'ALLOW')), models.Q(('outcome', 'REVIEW'), models.Q(('code', ''), _negated=True)), _connector='OR'), name='abuse_trace_refused_is_never_kept'), models.CheckConstraint(condition=models.Q(('deed__in', ['CLAIM', 'ORDER'])), name='abuse_trace_deed_is_known')],
            },
        ),
    ]
