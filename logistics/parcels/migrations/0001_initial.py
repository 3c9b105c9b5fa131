import core.accounts.sealing
import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('storefronts', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Parcel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('shop_order_reference', models.UUIDField()),
                ('part', models.PositiveSmallIntegerField()),
                ('shop', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='storefronts.shop')),
                ('is_posted_by_seller', models.BooleanField(default=False)),
                ('temp_class', models.CharField(max_length=8)),
                ('gross_g', models.PositiveBigIntegerField()),
                ('carrier', models.CharField(max_length=40)),
                ('waybill_no', models.CharField(blank=True, default='', max_length=40)),
                ('state', models.CharField(choices=[('PLANNED', 'Planned|待取号'), ('CREATED', 'Waybill issued|待揽收'), ('COLLECTED', 'Collected|已揽收'), ('IN_TRANSIT', 'In transit|运输中'), ('DELIVERING', 'Out for delivery|派送中'), ('SIGNED', 'Signed for|已签收'), ('PROBLEM', 'Problem|问题件'), ('REFUSED', 'Refused|已拒收'), ('RETURNED', 'Returned|已退回'), ('CANCELLED', 'Cancelled|已取消')], default='PLANNED', editable=False, max_length=10)),
                ('recipient', core.accounts.sealing.SealedTextField()),
                ('phone', core.accounts.sealing.SealedTextField()),
                ('street', core.accounts.sealing.SealedTextField()),
                ('region', models.CharField(max_length=6)),
                ('planned_at', models.DateTimeField()),
                ('booked_at', models.DateTimeField(blank=True, null=True)),
                ('handed_over_at', models.DateTimeField(blank=True, null=True)),
                ('signed_at', models.DateTimeField(blank=True, null=True)),
                ('cancelled_at', models.DateTimeField(blank=True, null=True)),
                ('next_attempt_at', models.DateTimeField(blank=True, null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('parked_at', models.DateTimeField(blank=True, null=True)),
                ('failure', models.CharField(blank=True, default='', max_length=200)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('next_attempt_at__isnull', False)), fields=['next_attempt_at', 'id'], name='parcels_parcel_due'), models.Index(condition=models.Q(('parked_at__isnull', False)), fields=['parked_at'], name='parcels_parcel_parked')],
                'constraints': [models.UniqueConstraint(fields=('shop_order_reference', 'part'), name='parcels_parcel_part_once_per_shop_order'), models.UniqueConstraint(condition=models.Q(('waybill_no', ''), _negated=True), fields=('carrier', 'waybill_no'), name='parcels_parcel_waybill_names_one_parcel'), models.CheckConstraint(condition=models.Q(('state__in', ['PLANNED', 'CREATED', 'COLLECTED', 'IN_TRANSIT', 'DELIVERING', 'SIGNED', 'PROBLEM', 'REFUSED', 'RETURNED', 'CANCELLED'])), name='parcels_parcel_state_is_known'), models.CheckConstraint(condition=models.Q(('state__in', ['PLANNED', 'CANCELLED']), models.Q(models.Q(('waybill_no', ''), _negated=True), ('booked_at__isnull', False)), _connector='OR'), name='parcels_parcel_travels_under_a_waybill'), models.CheckConstraint(condition=models.Q(('state__in', ['PLANNED', 'CANCELLED', 'CREATED']), ('handed_over_at__isnull', False), _connector='OR'), name='parcels_parcel_on_its_way_was_handed_over'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'SIGNED'), _negated=True), ('signed_at__isnull', False), _connector='OR'), name='parcels_parcel_signed_has_its_instant'), models.CheckConstraint(condition=models.Q(models.Q(('cancelled_at__isnull', False), ('state', 'CANCELLED')), models.Q(models.Q(('state', 'CANCELLED'), _negated=True), ('cancelled_at__isnull', True)), _connector='OR'), name='parcels_parcel_cancelled_has_its_instant'), models.CheckConstraint(condition=models.Q(('parked_at__isnull', True), ('next_attempt_at__isnull', True), _connector='OR'), name='parcels_parcel_parked_waits_for_a_person')],
            },
        ),
        migrations.CreateModel(
            name='ParcelLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('parcel', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='parcels.parcel')),
                ('line_reference', models.UUIDField()),
                ('sku_reference', models.UUIDField()),
                ('title', models.CharField(max_length=200)),
                ('quantity', models.PositiveIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('parcel', 'line_reference'), name='parcels_parcelline_once_per_parcel'), models.CheckConstraint(condition=models.Q(('quantity__gte', 1)), name='parcels_parcelline_is_never_empty')],
            },
        ),
        migrations.CreateModel(
            name='TrackingEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('parcel', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to='parcels.parcel')),
                ('key', models.CharField(max_length=80)),
                ('state', models.CharField(choices=[('PLANNED', 'Planned|待取号'), ('CREATED', 'Waybill issued|待揽收'), ('COLLECTED', 'Collected|已揽收'), ('IN_TRANSIT', 'In transit|运输中'), ('DELIVERING', 'Out for delivery|派送中'), ('SIGNED', 'Signed for|已签收'), ('PROBLEM', 'Problem|问题件'), ('REFUSED', 'Refused|已拒收'), ('RETURNED', 'Returned|已退回'), ('CANCELLED', 'Cancelled|已取消')], max_length=10)),
                ('at', models.DateTimeField()),
                ('text', models.CharField(blank=True, default='', max_length=300)),
                ('heard_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('parcel', 'key'), name='parcels_trackingevent_heard_once'), models.CheckConstraint(condition=models.Q(('state__in', ['CREATED', 'COLLECTED', 'IN_TRANSIT', 'DELIVERING', 'SIGNED', 'PROBLEM', 'REFUSED', 'RETURNED'])), name='parcels_trackingevent_state_is_scanned')],
            },
        ),
    ]
