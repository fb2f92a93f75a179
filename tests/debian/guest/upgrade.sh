# From one version of the package to the next, and away with it.
reference
try "it runs before the upgrade" becomes_right 300 0.003
echo "# mine" >>/etc/timesuite/timesuite.toml
policy() { cat /sys/kernel/security/apparmor/policy/profiles/timesuite-ntpd.*/sha1; }
kept=$(sha256sum $state/ntskeyd/keeping.key) before=$(pid ntpd)/$(pid clockd) earlier_policy=$(policy) error=$(./truth error)
upgrade() { apt_get install ./timesuite-next.deb && dpkg-query -W timesuite; }
try "the next version installs over it" upgrade
mine() { [ "$(tail -1 /etc/timesuite/timesuite.toml)" = "# mine" ] && tail -1 /etc/timesuite/timesuite.toml.dpkg-dist | grep -x "# of the next version"; }
try "the configuration is as it was, and the next version's lies beside it" mine
remembered() { test -s $state/ntpd/drift && [ "$(sha256sum $state/ntskeyd/keeping.key)" = "$kept" ] && cat $state/ntpd/drift; }
try "what was found out and the keys are kept" remembered
unit() { systemctl show -p Description --value timesuite-ntpd.service | grep " of the next version$" && [ "$(systemctl show -p NeedDaemonReload --value timesuite-ntpd.service)" = no ]; }
try "the unit is the next version's" unit
profile() { [ "$(policy)" != "$earlier_policy" ] && grep -x "timesuite-ntpd (enforce)" "/proc/$(pid ntpd)/attr/current"; }
try "the profile is the next version's, and ntpd is in it" profile
renewed() { # lookupd only runs when there is a name to look up: what ntpd has kept of its sources' keys has their addresses
  local now process
  until_true 30 active timesuite-ntpd timesuite-clockd timesuite-ntskeyd; now=$(pid ntpd)/$(pid clockd); echo "$before are $now"
  for process in $daemons; do [ "$(pid $process)" = 0 ] && [ "$process" = lookupd ] && continue; [ "$(readlink "/proc/$(pid $process)/exe")" = "$lib/$process" ] || { echo "$process: $(readlink "/proc/$(pid $process)/exe")"; return 1; }; done
  [ "$now" != "$before" ]
}
try "the daemons are the new ones" renewed
moved() { local moved; moved=$(awk -v a="$error" -v b="$(./truth error)" 'BEGIN { printf "%.6f", b - a }'); echo "moved by $moved s"; smaller "$moved" 0.002; }
try "the clock made no step" moved
try "it goes on" becomes_right 300 0.003
called_off() { # as where something else in the way ends it: prerm fails after it has stopped everything
  local hook=/var/lib/dpkg/info/timesuite.prerm enabled
  enabled=$(find /etc/systemd/system -lname '*/timesuite*' | sort); echo "$enabled"
  echo "exit 1" >>$hook; refused apt_get remove timesuite || return 1; sed -i '$d' $hook
  until_true 60 active timesuite.target timesuite-clockd timesuite-ntpd && [ -n "$enabled" ] && [ "$(find /etc/systemd/system -lname '*/timesuite*' | sort)" = "$enabled" ]
}
try "a removal that comes to nothing leaves it enabled and running" called_off
. ./away.sh
