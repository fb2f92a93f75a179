// SPDX-License-Identifier: GPL-2.0
/*
 * Two cables with an Ethernet interface at each end, each with a hardware clock (PHC) that stamps what passes. For tests in a virtual machine:
 * what real hardware does wrong is a knob, to be turned in /sys/module/ptplab/parameters while it runs.
 *
 * A clock is the machine's raw oscillator, made wrong by rate_error_ppb and then right again by whoever steers it. A frame arrives at once;
 * what the cable delays is added to the stamp of its arrival, so that it costs no time.
 */
#include <asm/unaligned.h>
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/hrtimer.h>
#include <linux/ip.h>
#include <linux/module.h>
#include <linux/net_tstamp.h>
#include <linux/netdevice.h>
#include <linux/ptp_classify.h>
#include <linux/ptp_clock_kernel.h>
#include <linux/rtnetlink.h>
#include <linux/timekeeping.h>
#include <linux/udp.h>
#include <linux/version.h>
#include <linux/workqueue.h>

#define ENDS 4 /* 0 and 1 are the ends of one cable, 2 and 3 of the other */
#define RATE_SHIFT 40 /* a rate of 1 is 2^40 */

static int rate_error_ppb[ENDS] = { 0, 25000, 10000, -10000 };
module_param_array(rate_error_ppb, int, NULL, 0644);
MODULE_PARM_DESC(rate_error_ppb, "how much faster each clock runs than the machine's oscillator");

static unsigned int delay_ns[ENDS] = { 500, 500, 500, 500 };
module_param_array(delay_ns, uint, NULL, 0644);
MODULE_PARM_DESC(delay_ns, "how long a frame of each end travels");

static unsigned int jitter_ns = 20;
module_param(jitter_ns, uint, 0644);
MODULE_PARM_DESC(jitter_ns, "up to so much longer, by chance");

static unsigned int lost_stamps;
module_param(lost_stamps, uint, 0644);
MODULE_PARM_DESC(lost_stamps, "of so many transmit stamps one never comes; 0: none is lost");

static unsigned int late_stamps_ms;
module_param(late_stamps_ms, uint, 0644);
MODULE_PARM_DESC(late_stamps_ms, "transmit stamps come so late");

static bool cross_stamps = true;
module_param(cross_stamps, bool, 0644);
MODULE_PARM_DESC(cross_stamps, "PTP_SYS_OFFSET_PRECISE works");

static unsigned int busy_reads;
module_param(busy_reads, uint, 0644);
MODULE_PARM_DESC(busy_reads, "of so many readings one ends with EBUSY; 0: none");

static unsigned int slow_reads, slow_read_us = 2000;
module_param(slow_reads, uint, 0644);
MODULE_PARM_DESC(slow_reads, "of so many readings one is held up before the clock is read; 0: none");
module_param(slow_read_us, uint, 0644);
MODULE_PARM_DESC(slow_read_us, "for so long");

static unsigned int rx_filters = BIT(HWTSTAMP_FILTER_NONE) | BIT(HWTSTAMP_FILTER_PTP_V2_EVENT) | BIT(HWTSTAMP_FILTER_ALL);
module_param(rx_filters, uint, 0644);
MODULE_PARM_DESC(rx_filters, "receive filters that there are, one bit each, as ethtool shows them");

static bool one_step = true;
module_param(one_step, bool, 0644);
MODULE_PARM_DESC(one_step, "the time can be written into a Sync as it leaves");

static bool one_clock;
module_param(one_clock, bool, 0644);
MODULE_PARM_DESC(one_clock, "end 2 is stamped by the clock of end 0, as two ports of one card are");

static bool pulses = true;
module_param(pulses, bool, 0644);
MODULE_PARM_DESC(pulses, "a receiver's pulse comes into the pin of each clock, each second");

static long pulse_ahead;
module_param(pulse_ahead, long, 0644);
MODULE_PARM_DESC(pulse_ahead, "that receiver's time is the machine's oscillator and so many ns");

struct end {
	struct net_device *dev;
	int number;

	spinlock_t lock; /* of what follows */
	u64 raw, shown;  /* when the oscillator was at raw ns, the clock was at shown ns */
	u32 fraction;    /* and 2^-32 ns */
	int error_ppb;   /* in force since then */
	long adjustment; /* and this: ppm, 16 bits of fraction */

	struct ptp_clock_info info;
	struct ptp_clock *phc;
	struct hwtstamp_config filters;
	unsigned int stamps, reads;
	struct ptp_pin_desc pin;
	struct hrtimer pulse;
};

static struct end *ends[ENDS];
static DEFINE_MUTEX(plugging);

/* --- the clock */

static u64 rate_of(const struct end *end)
{
	s64 rate = (1LL << RATE_SHIFT) + div_s64((s64)end->error_ppb << RATE_SHIFT, 1000000000);
	u64 part = mul_u64_u64_div_u64(rate, abs(end->adjustment), 1000000ULL << 16);

	return end->adjustment < 0 ? rate - part : rate + part;
}

/* What the clock shows when the oscillator is at raw; under the lock. From here on a turned knob counts. */
static u64 advance(struct end *end, u64 raw)
{
	unsigned __int128 gone = (unsigned __int128)(raw - end->raw) * rate_of(end);
	u64 fine = (u64)(gone >> (RATE_SHIFT - 32)); /* 2^-32 ns: a few minutes of them fit */
	u64 sum = (u64)end->fraction + (u32)fine;

	if (raw > end->raw) {
		end->shown += (u64)(gone >> RATE_SHIFT) + (sum >> 32);
		end->fraction = (u32)sum;
		end->raw = raw;
	}
	end->error_ppb = READ_ONCE(rate_error_ppb[end->number]);
	return end->shown;
}

/* What the clock showed when the oscillator was at raw, just now: in the time since, no clock gains a nanosecond. */
static u64 shown_at(struct end *end, u64 raw)
{
	unsigned long flags;
	u64 shown;

	spin_lock_irqsave(&end->lock, flags);
	shown = raw > end->raw ? advance(end, raw) : end->shown - (end->raw - raw);
	spin_unlock_irqrestore(&end->lock, flags);
	return shown;
}

static struct end *clock_of(struct end *end)
{
	struct end *first = one_clock && end->number == 2 ? READ_ONCE(ends[0]) : NULL;

	return first ? first : end;
}

static int set_rate(struct ptp_clock_info *info, long scaled_ppm)
{
	struct end *end = container_of(info, struct end, info);
	unsigned long flags;

	spin_lock_irqsave(&end->lock, flags);
	advance(end, ktime_get_raw_ns());
	end->adjustment = scaled_ppm;
	spin_unlock_irqrestore(&end->lock, flags);
	return 0;
}

static int step_by(struct ptp_clock_info *info, s64 offset)
{
	struct end *end = container_of(info, struct end, info);
	unsigned long flags;

	spin_lock_irqsave(&end->lock, flags);
	advance(end, ktime_get_raw_ns());
	end->shown += offset;
	spin_unlock_irqrestore(&end->lock, flags);
	return 0;
}

static int set_to(struct ptp_clock_info *info, const struct timespec64 *time)
{
	struct end *end = container_of(info, struct end, info);
	unsigned long flags;

	spin_lock_irqsave(&end->lock, flags);
	advance(end, ktime_get_raw_ns());
	end->shown = timespec64_to_ns(time);
	end->fraction = 0;
	spin_unlock_irqrestore(&end->lock, flags);
	return 0;
}

static bool is_turn(unsigned int count, unsigned int of)
{
	return of && count % of == 0;
}

static int read_between(struct ptp_clock_info *info, struct timespec64 *time, struct ptp_system_timestamp *around)
{
	struct end *end = container_of(info, struct end, info);
	unsigned long flags;
	u64 now;

	if (is_turn(++end->reads, busy_reads))
		return -EBUSY;
	spin_lock_irqsave(&end->lock, flags);
	ptp_read_system_prets(around);
	if (is_turn(end->reads, slow_reads))
		udelay(slow_read_us);
	now = advance(end, ktime_get_raw_ns());
	ptp_read_system_postts(around);
	spin_unlock_irqrestore(&end->lock, flags);
	*time = ns_to_timespec64(now);
	return 0;
}

static int read_across(struct ptp_clock_info *info, struct system_device_crosststamp *stamps)
{
	struct end *end = container_of(info, struct end, info);
	struct system_time_snapshot system;
	unsigned long flags;

	if (!cross_stamps)
		return -EOPNOTSUPP;
	if (is_turn(++end->reads, busy_reads))
		return -EBUSY;
	spin_lock_irqsave(&end->lock, flags);
	ktime_get_snapshot(&system);
	stamps->device = ns_to_ktime(advance(end, ktime_to_ns(system.raw)));
	spin_unlock_irqrestore(&end->lock, flags);
	stamps->sys_realtime = system.real;
	stamps->sys_monoraw = system.raw;
	return 0;
}

/* --- pulses from outside: a second of the receiver's time begins */

static u64 until_pulse(u64 raw)
{
	u32 gone;

	div_u64_rem(raw + READ_ONCE(pulse_ahead), NSEC_PER_SEC, &gone);
	return NSEC_PER_SEC - gone;
}

static enum hrtimer_restart on_pulse(struct hrtimer *timer)
{
	struct end *end = container_of(timer, struct end, pulse);
	u64 raw = ktime_get_raw_ns(), ahead = until_pulse(raw);
	struct ptp_clock_event event = { .type = PTP_CLOCK_EXTTS, .index = 0 };

	if (ahead > NSEC_PER_SEC / 2 && READ_ONCE(pulses)) { /* else the timer was early */
		event.timestamp = shown_at(end, raw - (NSEC_PER_SEC - ahead)) + (jitter_ns ? get_random_u32() % jitter_ns : 0);
		ptp_clock_event(end->phc, &event);
	}
	hrtimer_forward_now(timer, ns_to_ktime(ahead + 10000));
	return HRTIMER_RESTART;
}

static int enable_feature(struct ptp_clock_info *info, struct ptp_clock_request *request, int on)
{
	struct end *end = container_of(info, struct end, info);

	if (request->type != PTP_CLK_REQ_EXTTS)
		return -EOPNOTSUPP;
	if (on && ptp_find_pin(end->phc, PTP_PF_EXTTS, request->extts.index) < 0)
		return -EBUSY;
	hrtimer_cancel(&end->pulse);
	if (on)
		hrtimer_start(&end->pulse, ns_to_ktime(until_pulse(ktime_get_raw_ns()) + 10000), HRTIMER_MODE_REL);
	return 0;
}

static int verify_pin(struct ptp_clock_info *info, unsigned int pin, enum ptp_pin_function function, unsigned int channel)
{
	return function == PTP_PF_NONE || function == PTP_PF_EXTTS ? 0 : -EOPNOTSUPP;
}

/* --- what is stamped */

static struct workqueue_struct *late_stamps;

struct late_stamp {
	struct delayed_work work;
	struct sk_buff *skb;
	struct skb_shared_hwtstamps stamp;
};

static void deliver_late(struct work_struct *work)
{
	struct late_stamp *late = container_of(to_delayed_work(work), struct late_stamp, work);

	skb_tstamp_tx(late->skb, &late->stamp);
	consume_skb(late->skb);
	kfree(late);
}

static bool is_stamped(const struct end *end, const struct sk_buff *skb)
{
	return (skb_shinfo(skb)->tx_flags & SKBTX_HW_TSTAMP) && end->filters.tx_type != HWTSTAMP_TX_OFF;
}

static void stamp_departure(struct end *end, struct sk_buff *skb, u64 raw)
{
	struct skb_shared_hwtstamps stamp = {};
	struct late_stamp *late;

	if (!is_stamped(end, skb))
		return;
	if (is_turn(++end->stamps, lost_stamps))
		return;
	stamp.hwtstamp = ns_to_ktime(shown_at(clock_of(end), raw));
	if (!late_stamps_ms) {
		skb_tstamp_tx(skb, &stamp);
		return;
	}
	late = kzalloc(sizeof(*late), GFP_ATOMIC);
	if (!late)
		return;
	late->skb = skb_get(skb);
	late->stamp = stamp;
	INIT_DELAYED_WORK(&late->work, deliver_late);
	queue_delayed_work(late_stamps, &late->work, msecs_to_jiffies(late_stamps_ms));
}

/* Where a message of PTP version 2 begins in a frame; NULL: it is none. */
static u8 *message_of(struct sk_buff *skb)
{
	unsigned int class = ptp_classify_raw(skb), at;

	switch (class & PTP_CLASS_PMASK) {
	case PTP_CLASS_L2:
		at = ETH_HLEN;
		break;
	case PTP_CLASS_IPV4:
		at = ETH_HLEN + sizeof(struct iphdr) + sizeof(struct udphdr);
		break;
	default:
		return NULL;
	}
	return skb_headlen(skb) >= at + 44 ? skb->data + at : NULL;
}

/* A Sync that has no Follow_Up says when it leaves. */
static bool write_departure(struct end *end, struct sk_buff *skb, u64 raw)
{
	u8 *message = message_of(skb);
	u32 nanoseconds;
	u64 seconds;

	if (end->filters.tx_type != HWTSTAMP_TX_ONESTEP_SYNC || !message || (message[0] & 0xf) != 0 || (message[6] & 2))
		return false;
	seconds = shown_at(clock_of(end), raw);
	nanoseconds = do_div(seconds, NSEC_PER_SEC);
	put_unaligned_be16(seconds >> 32, message + 34);
	put_unaligned_be32(seconds, message + 36);
	put_unaligned_be32(nanoseconds, message + 40);
	skb->ip_summed = CHECKSUM_UNNECESSARY;
	return true;
}

static bool passes(struct end *end, struct sk_buff *skb)
{
	switch (end->filters.rx_filter) {
	case HWTSTAMP_FILTER_ALL:
		return true;
	case HWTSTAMP_FILTER_PTP_V2_EVENT:
		return ptp_classify_raw(skb) != PTP_CLASS_NONE;
	default:
		return false;
	}
}

static netdev_tx_t transmit(struct sk_buff *skb, struct net_device *dev)
{
	struct end *end = netdev_priv(dev), *far = READ_ONCE(ends[end->number ^ 1]);
	struct sk_buff *frame;
	u64 raw;

	/* As drivers do: the kernel's stamp is of before the hardware has the frame, else a frame would arrive before it has left. */
	if (is_stamped(end, skb))
		skb_shinfo(skb)->tx_flags |= SKBTX_IN_PROGRESS;
	skb_tx_timestamp(skb);
	raw = ktime_get_raw_ns(); /* one moment for both stamps of hardware: what this function takes is no part of the cable */
	if (skb_ensure_writable(skb, min(skb->len, 86U)) || !write_departure(end, skb, raw))
		stamp_departure(end, skb, raw);
	dev->stats.tx_packets++;
	dev->stats.tx_bytes += skb->len;
	frame = far && netif_running(far->dev) ? skb_copy(skb, GFP_ATOMIC) : NULL;
	if (frame) {
		bool is_stamped = passes(far, frame);
		unsigned int travelled = delay_ns[end->number] + (jitter_ns ? get_random_u32() % jitter_ns : 0);

		skb_orphan(frame);
		skb_scrub_packet(frame, true);
		skb_shinfo(frame)->tx_flags = 0;
		memset(skb_hwtstamps(frame), 0, sizeof(*skb_hwtstamps(frame)));
		if (is_stamped)
			skb_hwtstamps(frame)->hwtstamp = ns_to_ktime(shown_at(clock_of(far), raw) + travelled);
		frame->protocol = eth_type_trans(frame, far->dev);
		far->dev->stats.rx_packets++;
		far->dev->stats.rx_bytes += frame->len;
		netif_rx(frame);
	}
	dev_consume_skb_any(skb);
	return NETDEV_TX_OK;
}

/* --- the interface */

static int hardware_filters(struct net_device *dev, struct ifreq *request, int command)
{
	struct end *end = netdev_priv(dev);
	struct hwtstamp_config wanted;

	if (command == SIOCGHWTSTAMP)
		return copy_to_user(request->ifr_data, &end->filters, sizeof(end->filters)) ? -EFAULT : 0;
	if (command != SIOCSHWTSTAMP)
		return -EOPNOTSUPP;
	if (copy_from_user(&wanted, request->ifr_data, sizeof(wanted)))
		return -EFAULT;
	if (wanted.flags || wanted.tx_type < HWTSTAMP_TX_OFF || wanted.tx_type > (one_step ? HWTSTAMP_TX_ONESTEP_SYNC : HWTSTAMP_TX_ON) || wanted.rx_filter < 0)
		return -ERANGE;
	if (wanted.rx_filter >= HWTSTAMP_FILTER_PTP_V2_L4_EVENT && wanted.rx_filter <= HWTSTAMP_FILTER_PTP_V2_DELAY_REQ)
		wanted.rx_filter = HWTSTAMP_FILTER_PTP_V2_EVENT; /* as most hardware: something wider */
	if (!(rx_filters & BIT(wanted.rx_filter))) {
		if (!(rx_filters & BIT(HWTSTAMP_FILTER_ALL)) || wanted.rx_filter == HWTSTAMP_FILTER_NONE)
			return -ERANGE;
		wanted.rx_filter = HWTSTAMP_FILTER_ALL;
	}
	end->filters = wanted;
	return copy_to_user(request->ifr_data, &wanted, sizeof(wanted)) ? -EFAULT : 0;
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
static int describe(struct net_device *dev, struct kernel_ethtool_ts_info *info)
#else
static int describe(struct net_device *dev, struct ethtool_ts_info *info)
#endif
{
	struct end *end = netdev_priv(dev);

	info->so_timestamping = SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE |
				SOF_TIMESTAMPING_TX_HARDWARE | SOF_TIMESTAMPING_RX_HARDWARE | SOF_TIMESTAMPING_RAW_HARDWARE;
	info->phc_index = end->phc ? ptp_clock_index(clock_of(end)->phc) : -1;
	info->tx_types = BIT(HWTSTAMP_TX_OFF) | BIT(HWTSTAMP_TX_ON) | (one_step ? BIT(HWTSTAMP_TX_ONESTEP_SYNC) : 0);
	info->rx_filters = rx_filters;
	return 0;
}

/* A link is up while both of its ends are. */
static void update_links(void)
{
	int i;

	for (i = 0; i < ENDS; i++) {
		struct end *far = ends[i ^ 1];

		if (!ends[i])
			continue;
		if (far && netif_running(ends[i]->dev) && netif_running(far->dev))
			netif_carrier_on(ends[i]->dev);
		else
			netif_carrier_off(ends[i]->dev);
	}
}

static int open_end(struct net_device *dev)
{
	netif_start_queue(dev);
	update_links();
	return 0;
}

static int stop_end(struct net_device *dev)
{
	netif_stop_queue(dev);
	update_links();
	return 0;
}

static const struct net_device_ops interface_ops = {
	.ndo_open = open_end,
	.ndo_stop = stop_end,
	.ndo_start_xmit = transmit,
	.ndo_eth_ioctl = hardware_filters,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_validate_addr = eth_validate_addr,
};

static const struct ethtool_ops tool_ops = {
	.get_ts_info = describe,
	.get_link = ethtool_op_get_link,
};

/* --- plugged in and out, one by one: "ends" has a bit for each that is there */

static int plug_in(int number)
{
	u8 address[ETH_ALEN] = { 0x02, 0x00, 0x5e, 0x00, 0x53, number + 1 };
	struct net_device *dev = alloc_etherdev(sizeof(struct end));
	struct end *end;
	int result;

	if (!dev)
		return -ENOMEM;
	end = netdev_priv(dev);
	end->dev = dev;
	end->number = number;
	spin_lock_init(&end->lock);
	end->raw = ktime_get_raw_ns();
	end->shown = ktime_get_real_ns();
	end->error_ppb = rate_error_ppb[number];
	end->info = (struct ptp_clock_info){
		.owner = THIS_MODULE,
		.max_adj = 100000000,
		.adjfine = set_rate,
		.adjtime = step_by,
		.gettimex64 = read_between,
		.settime64 = set_to,
		.getcrosststamp = read_across,
		.n_ext_ts = 1,
		.n_pins = 1,
		.pin_config = &end->pin,
		.enable = enable_feature,
		.verify = verify_pin,
	};
	snprintf(end->pin.name, sizeof(end->pin.name), "SDP0");
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
	hrtimer_setup(&end->pulse, on_pulse, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
#else
	hrtimer_init(&end->pulse, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	end->pulse.function = on_pulse;
#endif
	snprintf(end->info.name, sizeof(end->info.name), "ptplab%d", number);
	snprintf(dev->name, IFNAMSIZ, "lab%d", number);
	dev->netdev_ops = &interface_ops;
	dev->ethtool_ops = &tool_ops;
	eth_hw_addr_set(dev, address);
	netif_carrier_off(dev);
	end->phc = ptp_clock_register(&end->info, NULL);
	if (IS_ERR_OR_NULL(end->phc)) {
		result = end->phc ? PTR_ERR(end->phc) : -ENODEV;
		free_netdev(dev);
		return result;
	}
	result = register_netdev(dev);
	if (result) {
		ptp_clock_unregister(end->phc);
		free_netdev(dev);
		return result;
	}
	WRITE_ONCE(ends[number], end);
	return 0;
}

static void pull_out(int number)
{
	struct end *end = ends[number];

	if (!end)
		return;
	rtnl_lock();
	WRITE_ONCE(ends[number], NULL);
	update_links();
	rtnl_unlock();
	synchronize_net(); /* no frame is on its way to it */
	unregister_netdev(end->dev);
	flush_workqueue(late_stamps);
	hrtimer_cancel(&end->pulse);
	ptp_clock_unregister(end->phc);
	free_netdev(end->dev);
}

static int get_ends(char *text, const struct kernel_param *param)
{
	int i, there = 0;

	for (i = 0; i < ENDS; i++)
		there |= ends[i] ? BIT(i) : 0;
	return sysfs_emit(text, "%d\n", there);
}

static int set_ends(const char *text, const struct kernel_param *param)
{
	int result, i;
	u8 wanted;

	result = kstrtou8(text, 0, &wanted);
	mutex_lock(&plugging);
	for (i = 0; i < ENDS && !result; i++) {
		if (!(wanted & BIT(i)))
			pull_out(i);
		else if (!ends[i])
			result = plug_in(i);
	}
	mutex_unlock(&plugging);
	return result;
}

static const struct kernel_param_ops ends_ops = { .get = get_ends, .set = set_ends };

static void pull_out_all(void)
{
	int i;

	for (i = 0; i < ENDS; i++)
		pull_out(i);
	destroy_workqueue(late_stamps);
}

static int __init plug_in_all(void)
{
	int result = 0, i;

	late_stamps = alloc_workqueue("ptplab", 0, 0);
	if (!late_stamps)
		return -ENOMEM;
	for (i = 0; i < ENDS && !result; i++)
		result = plug_in(i);
	if (result)
		pull_out_all();
	return result;
}

module_param_cb(ends, &ends_ops, NULL, 0600);
MODULE_PARM_DESC(ends, "which ends are plugged in, one bit each");
module_init(plug_in_all);
module_exit(pull_out_all);
MODULE_DESCRIPTION("interfaces with hardware clocks on two cables, for tests");
MODULE_LICENSE("GPL");
