# A new machine: what becomes of the package where nobody keeps the time, where others do, and where it may not.
reference

# Where nobody does.
try "chrony goes" apt_get purge chrony
alone() { apt_get install ./timesuite.deb && timectl waitsync --timeout 300s && timectl status | head -2 | tail -1; }
try "on a machine without any time daemon it keeps time as soon as it is installed" alone
try "it becomes right" becomes_right 120 0.003
running() { pgrep -f '^/usr/lib/timesuite/'; }
links() { find /etc/systemd/system -lname '*/timesuite*'; }
all_of_it() { # what an administrator has enabled of it goes with it, and comes back when it is enabled again
  systemctl enable -q timesuite-ptpd.service timesuite-waitsync.service timesuite-lookupd.socket && links | wc -l && [ "$(links | wc -l)" -ge 4 ] && apt_get remove timesuite && ! links | grep .
}
try "a removal disables every unit of it" all_of_it
rm -rf $state
as_new() { apt_get install ./timesuite.deb && until_true 60 active timesuite-ntpd && timectl waitsync --timeout 300s && ! ls -d $state/.new 2>/dev/null; }
try "removed, its state deleted by hand, and installed again it starts as new" as_new
try "it is purged" apt_get purge timesuite

# Where systemd-timesyncd keeps the time, as on most new machines.
try "systemd-timesyncd installs" dpkg -i timesyncd.deb
systemctl enable -q --now systemd-timesyncd 2>/dev/null
try "systemd-timesyncd keeps the time" until_true 30 active systemd-timesyncd
beside() { apt_get install ./timesuite.deb && ! active timesuite-clockd && active systemd-timesyncd && grep "goes on with" /tmp/apt.log; }
try "the package installs beside it and takes nothing over" beside
move_over() { # by the command that the package printed
  local command; command=$(sed -n 's/^To have it take over: //p' /tmp/apt.log | tr -d '\r'); echo "$command"
  [ -n "$command" ] && bash -c "$command" && active timesuite.target && ! active systemd-timesyncd
}
try "the command that it prints moves over" move_over
try "it becomes right" becomes_right 300 0.003
try "both are purged" apt_get purge timesuite systemd-timesyncd

# Where packages may start nothing.
printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d
by_policy() { apt_get install ./timesuite.deb && ! active timesuite-clockd && systemctl is-enabled timesuite.target && grep "policy-rc.d says" /tmp/apt.log; }
try "where policy-rc.d forbids it nothing is started, and the package is enabled" by_policy
rm /usr/sbin/policy-rc.d
try "it is purged after that" apt_get purge timesuite

# Where the administrator has masked the suite.
systemctl mask -q timesuite.target
masked() { apt_get install ./timesuite.deb && dpkg-query -W -f '${Status}\n' timesuite | grep -x "install ok installed" && refused running && ! links | grep . && grep "timesuite.target is masked" /tmp/apt.log; }
try "where it is masked the package installs, says so and starts nothing" masked
systemctl unmask -q timesuite.target
unmasked() { # by the command that the package printed, but for what is done above
  local command; command=$(sed -n 's/^To have it keep the time: //p' /tmp/apt.log | tr -d '\r'); echo "$command"
  [ -n "$command" ] && bash -c "$command" && until_true 60 active timesuite-ntpd && timectl waitsync --timeout 300s
}
try "unmasked, by the command that it printed, it keeps time" unmasked
gone() { apt_get purge timesuite && nothing_runs; }
try "it is purged, and nothing is left of it" gone
