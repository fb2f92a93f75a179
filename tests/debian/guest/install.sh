# From nothing to a host that keeps time, as a new user has it: the package, its default configuration, one command.
reference

try "chrony keeps the time of a new machine" until_true 60 active chrony
install() { apt_get install ./timesuite.deb && dpkg-query -W timesuite; }
try "the package installs with apt" install
beside() { ! active timesuite-ntpd && ! active timesuite-clockd && ! systemctl is-enabled --quiet timesuite.target && active chrony && grep "goes on with" /tmp/apt.log; }
try "beside a chrony that runs it takes nothing over, and says so" beside
waits_for_nobody() { ! systemctl start timesuite-waitsync 2>&1 && ! active timesuite-ntpd && ! active timesuite-clockd && active chrony; }
try "nor does timesuite-waitsync, which starts nothing" waits_for_nobody
default_config() { timectl config check && [ "$(grep -c '^nts = true' /etc/timesuite/timesuite.toml)" = "$(grep -c '^\[\[source\]\]' /etc/timesuite/timesuite.toml)" ] && echo "$(wc -l <names) sources with NTS"; }
try "the default configuration has no mistake, and every source of it has NTS" default_config

before=$(up)
move_over() { # by the command that the package printed
  local command; command=$(sed -n 's/^To have it take over: //p' /tmp/apt.log | tr -d '\r'); echo "$command"
  bash -c "$command" && active timesuite.target && ! active chrony
}
try "one command moves over" move_over
for daemon in $daemons; do
  try "$daemon runs" until_true 60 active "timesuite-$daemon"
done
or_end
units() {
  local unit
  systemctl --no-legend --no-pager --failed | grep . && return 1
  for unit in /usr/lib/systemd/system/timesuite-*.socket; do
    unit=${unit##*/}
    case $unit in timesuite-ptpd-*) continue ;; esac # ptpd was not enabled
    active "$unit" || { echo "$unit: $(systemctl is-active "$unit")"; return 1; }
  done
  ls -d $run/*/*.sock | wc -l
}
try "no unit has failed and every socket listens" units
over_nts() { timectl waitsync --timeout 300s && [ "$(timectl --json authdata | grep -o '"mode":"nts"' | wc -l)" = "$(wc -l <names)" ] && timectl authdata | tail -1; }
try "it synchronises over NTS, with chronyd, behind 4 ms of delay and 6 % of loss" over_nts
or_end
echo "synchronised $(($(up) - before)) s after the command"
try "the clock, which was 5 s behind and is 20 ppm slow, is right" becomes_right 300 0.003
stepped() { timectl clock --events 0 | grep '^ *Steps' | tr -s ' ' | grep -E ' [123] since boot, [3-5]\.'; }
try "clockd stepped it" stepped
try "the kernel's frequency becomes what the oscillator needs" until_true 900 drift
./truth kernel
says_so() { timectl status | head -4 | tr '\n' ' '; timectl status | grep -qi "synchronized\|synchronised" && [ "$(status synchronized)" = true ]; }
try "timectl status says so" says_so
idles() { # a loop that is woken without end takes all that there is
  local before after
  before=$(sed 's/.*) //' "/proc/$(pid ntpd)/stat" | awk '{ print $12 + $13 }'); sleep 60
  after=$(sed 's/.*) //' "/proc/$(pid ntpd)/stat" | awk '{ print $12 + $13 }')
  echo "$((after - before)) hundredths of a second in a minute"; [ $((after - before)) -lt 300 ]
}
try "ntpd rests between its polls" idles
desktop() { timedatectl | grep "System clock synchronized: yes" && timedatectl | grep "NTP service: active" && timedatectl show -p NTP -p NTPSynchronized | tr '\n' ' '; }
try "timedatectl tells the truth" desktop
set_time() { timedatectl set-time "2030-01-01 00:00:00" 2>&1 | tee /dev/stderr | grep -qi "synchronization is enabled"; }
try "timedatectl set-time is refused while the suite keeps the time" set_time

systemctl stop time-sync.target # chrony's unit had wanted it
waits() { systemctl start timesuite-waitsync && active timesuite-waitsync && active time-sync.target && systemctl show -p Result timesuite-waitsync && systemctl enable -q timesuite-waitsync; }
try "timesuite-waitsync, for an administrator who wants no service to start on a wrong clock, ends when the clock is right" waits
useradd -m alice
shell() { # what the shell has opened is the shell's business
  local file; for file in /home/alice/seen /root/seen /tmp/seen /srv/seen /var/tmp/seen /var/log/seen /opt/seen /dev/shm/seen; do timectl status >$file; [ "$(wc -l <$file)" -gt 3 ] || { echo "$file: $(wc -c <$file) octets"; return 1; }; done
  as alice timectl --json status >/home/alice/seen && grep -c synchronized /home/alice/seen
}
try "timectl's output goes into files of anybody's" shell
for daemon in $daemons; do
  expected=0000000000000000; [ "$daemon" != clockd ] || expected=0000000002000000 # CAP_SYS_TIME
  confined() {
    local what value
    [ "$(cat "/proc/$(pid $daemon)/attr/current")" = "timesuite-$daemon (enforce)" ] || { cat "/proc/$(pid $daemon)/attr/current"; return 1; }
    for what in CapInh:0000000000000000 CapPrm:$expected CapEff:$expected CapBnd:$expected NoNewPrivs:1 Seccomp:2; do
      value=$(field $daemon "${what%:*}")
      [ "$value" = "${what#*:}" ] || [ "$daemon $what" = "clockd CapInh:0000000000000000" ] || { echo "${what%:*} is $value"; return 1; }
    done
    echo "user $(ps -o user= -p "$(pid $daemon)"), $(field $daemon Seccomp_filters) filters, capabilities $expected"
  }
  try "$daemon has a user, a profile, a filter of system calls and no capability but its own" confined
done
try "nothing was denied to a daemon at its own work" quiet_log
for pair in clockd:1.3 ntpd:1.3 ntskeyd:1.2 ptpd:2.0; do
  score() { local score; score=$(systemd-analyze security "timesuite-${pair%:*}.service" --no-pager 2>/dev/null | sed -n 's/.*Overall exposure level.*: \([0-9.]*\) .*/\1/p'); echo "$score"; smaller "$score" "${pair#*:}"; }
  try "systemd scores ${pair%:*}'s unit at ${pair#*:} or less" score
done
