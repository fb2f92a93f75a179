# From one version of the package to the next, and away with it.
reference
try "it runs before the upgrade" becomes_right 300 0.003
echo "# mine" >>/etc/timesuite/timesuite.toml
before=$(pid ntpd)/$(pid clockd) error=$(./truth error)
upgrade() { apt_get install ./timesuite-next.deb && dpkg-query -W timesuite; }
try "the next version installs over it" upgrade
mine() { tail -1 /etc/timesuite/timesuite.toml | grep -x "# mine"; }
try "the configuration is as it was" mine
renewed() {
  local now process
  until_true 30 active timesuite-ntpd; now=$(pid ntpd)/$(pid clockd); echo "$before are $now"
  for process in $daemons; do ! readlink "/proc/$(pid $process)/exe" | grep deleted || return 1; done
  [ "$now" != "$before" ]
}
try "the daemons are the new ones" renewed
moved() { local moved; moved=$(awk -v a="$error" -v b="$(./truth error)" 'BEGIN { printf "%.6f", b - a }'); echo "moved by $moved s"; smaller "$moved" 0.002; }
try "the clock made no step" moved
try "it goes on" becomes_right 300 0.003
. ./away.sh

# Removed and installed again, it is as new.
apt_get purge chrony
again() { apt_get install ./timesuite.deb && timectl waitsync --timeout 300s && apt_get remove timesuite && apt_get install ./timesuite.deb && until_true 60 active timesuite-ntpd && timectl waitsync --timeout 300s; }
try "removed and installed again it keeps time again" again
apt_get purge timesuite

# Where systemd-timesyncd keeps the time, as on most new machines.
dpkg -i timesyncd.deb >>/tmp/apt.log 2>&1; systemctl enable -q --now systemd-timesyncd 2>/dev/null
try "systemd-timesyncd keeps the time" until_true 30 active systemd-timesyncd
beside() { apt_get install ./timesuite.deb && ! active timesuite-clockd && active systemd-timesyncd && grep "goes on with" /tmp/apt.log; }
try "the package installs beside it and takes nothing over" beside
move_over() { systemctl disable --now systemd-timesyncd; systemctl enable --now timesuite.target; active timesuite.target && ! active systemd-timesyncd; }
try "one command moves over" move_over
try "it becomes right" becomes_right 300 0.003
apt_get purge timesuite; apt_get purge systemd-timesyncd

# Where nobody does.
alone() { apt_get install ./timesuite.deb && timectl waitsync --timeout 300s && timectl status | head -2 | tail -1; }
try "on a machine without any time daemon it keeps time as soon as it is installed" alone
try "it becomes right" becomes_right 120 0.003
apt_get purge timesuite
try "and nothing is left of it" nothing_runs
