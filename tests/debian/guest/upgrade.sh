# From one version of the package to the next, and away with it.
reference
try "it runs before the upgrade" timectl waitsync --timeout 300s
echo "# mine" >>/etc/timesuite/timesuite.toml
try "the next version installs over it" bash -c 'DEBIAN_FRONTEND=noninteractive dpkg --force-confold -i timesuite-next.deb 2>&1 | tail -1'
try "the configuration is as it was" bash -c 'tail -1 /etc/timesuite/timesuite.toml | grep -x "# mine"'
try "it goes on" timectl waitsync --timeout 300s
try "chronyd measures" within "$(wrong_by)" 0.01
try "the package goes" dpkg -r timesuite
sleep 3
try "nothing is left running" bash -c '! pgrep -af "^/usr/lib/timesuite/" && ! systemctl list-units --no-legend "timesuite*" | grep -E "running|listening"; echo nothing'
try "no profile is left in the kernel" bash -c '! grep timesuite /sys/kernel/security/apparmor/profiles; echo none'
try "the configuration stays" test -s /etc/timesuite/timesuite.toml
try "a purge takes the rest" bash -c 'dpkg -P timesuite && ! ls -d /var/lib/timesuite /etc/timesuite 2>/dev/null; echo gone'
