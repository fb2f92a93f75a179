# A network card with a hardware clock (tests/system/ptp-lab) and a grandmaster at the other end of the cable: Debian's ptp4l.
reference
table=/etc/timesuite/leap-seconds.list # the distribution's has expired by now
printf '#@ %s\n3692217600 37\n' $(($(cmdline truth) + 2208988800 + 86400 * 180)) >$table
printf '[leap]\nfile = "%s"\n' $table >/etc/timesuite/conf.d/leap.toml
try "it becomes right" becomes_right 300 0.003
insmod ptplab.ko rate_error_ppb=-25000,0
until_true 10 test -e /dev/ptp1
clock() { local clock; for clock in /sys/class/ptp/ptp*; do ! grep -qx "$1" "$clock/clock_name" || echo "/dev/${clock##*/}"; done; }
until_true 10 test -n "$(clock ptplab1)"
owned() { stat -c '%n %U:%G %a' "$(clock ptplab0)" | grep 'timesuite-clock:timesuite-phc 640'; }
try "a hardware clock that appears is clockd's to set and ptpd's to read" until_true 20 owned
calm() { sleep 2; ! systemctl is-failed --quiet timesuite-hardware-stamps && systemctl show -p Result --value timesuite-hardware-stamps; }
try "where there is no [ptp] nothing fails for it" calm
./truth phc "$(clock ptplab1)" 37
ip link set lab1 netns far; ip -n far addr add 10.9.1.2/24 dev lab1; ip -n far link set lab1 up
ip addr add 10.9.1.1/24 dev lab0; ip link set lab0 up
ip netns exec far ./ptp4l -i lab1 -4 -H -m --masterOnly 1 --free_running 1 --clockClass 6 --uds_address /run/ptp4l >/srv/far/ptp4l.log 2>&1 &
printf '[ptp]\ninterfaces = ["lab0"]\n' >/etc/timesuite/conf.d/ptp.toml
enable() { timectl config check && timectl reload && systemctl enable --now timesuite-ptpd && active timesuite-ptpd; }
try "ptpd is enabled and runs" enable
confined() { [ "$(cat "/proc/$(pid ptpd)/attr/current")" = "timesuite-ptpd (enforce)" ] && echo "$(ps -o user= -p "$(pid ptpd)"), capabilities $(field ptpd CapEff)" && [ "$(field ptpd CapEff)$(field ptpd CapBnd)" = 00000000000004000000000000000400 ]; }
try "confined, with CAP_NET_BIND_SERVICE alone" confined
follows() { timectl ptp ports | tail -1; timectl --json ptp | grep -o '"timestamping":"hardware"' | head -1 && timectl --json ptp | grep -qi '"state":"slave"'; }
try "it follows ptp4l by hardware stamps" until_true 200 follows
has_source() { timectl sources | grep -q '^ *[*+-].*ptp:lab0'; }
try "its time is a source of ntpd's" until_true 200 has_source
timectl sources
try "and the clock is right, closely" becomes_right 300 0.0005
writers() { # who has the hardware clock open for writing
  local file seen; seen=$(for file in $(find /proc/[0-9]*/fd -lname "$(clock ptplab0)" 2>/dev/null); do
    [ $((8#$(sed -n 's/^flags:[[:space:]]*//p' "${file/fd/fdinfo}") & 3)) = 0 ] || cat "${file%/fd/*}/comm"
  done | sort -u | paste -sd,)
  echo "$seen"; [ "$seen" = clockd ]
}
try "clockd alone has the hardware clock open for writing" writers
sleep 100
try "ptpd takes 20 MiB or less when idle" mib ptpd 20
try "nobody is not let into ptpd.sock" as nobody perl stranger.pl $run/ptpd/ptpd.sock
killed() { local old seen; old=$(pid ptpd); kill -9 "$old"; seen=$(back ptpd "$old" 10) && until_true 100 follows >/dev/null && echo "$seen, and follows again"; }
try "ptpd is killed with -9, is back within 10 s and follows again" killed
printf '[ptp]\ninterfaces = ["lab0"]\ntransport = "ethernet"\n' >/etc/timesuite/conf.d/ptp.toml
ethernet() { systemctl daemon-reload && systemctl restart timesuite-ptpd && active timesuite-ptpd && echo "capabilities $(field ptpd CapEff)" && [ "$(field ptpd CapEff)" = 0000000000002400 ]; }
try "for Ethernet the generator adds CAP_NET_RAW, and ptpd runs" ethernet
try "nothing was denied to a daemon at its own work" quiet_log
rm -f /etc/timesuite/conf.d/ptp.toml /etc/timesuite/conf.d/leap.toml $table; systemctl disable --now -q timesuite-ptpd; systemctl daemon-reload
