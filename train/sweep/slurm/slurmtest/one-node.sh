#!/bin/sh
# A Slurm of one node on the loopback interface, with a munge daemon of its own, for tests and for trying things out:
#
#	sh one-node.sh start DIR CONTROLLER_PORT NODE_PORT    then: export SLURM_CONF=DIR/slurm.conf
#	sh one-node.sh node DIR                               starts the node's daemon again after it was killed
#	sh one-node.sh stop DIR
#
# A job that was requeued waits until its credential is over, five seconds here.
# Needs slurm-wlm and munge of Debian (make slurm). DIR is an absolute path that holds nothing else. Nothing outside DIR is changed.
set -eu
PATH=$PATH:/usr/sbin:/sbin
dir=$2
host=$(hostname -s)
user=$(id -un)

configure() {
	mkdir -p "$dir/state" "$dir/spool" "$dir/munge"
	chmod 700 "$dir/munge"
	chmod 755 "$dir"
	dd if=/dev/urandom of="$dir/munge/key" bs=1024 count=1 2>/dev/null
	chmod 400 "$dir/munge/key"
	cat >"$dir/slurm.conf" <<-C
		ClusterName=one
		SlurmctldHost=$host(127.0.0.1)
		SlurmUser=$user
		SlurmdUser=$user
		SlurmctldPort=$1
		SlurmdPort=$2
		AuthType=auth/munge
		AuthInfo=socket=$dir/munge/socket,cred_expire=5
		ProctrackType=proctrack/linuxproc
		TaskPlugin=task/none
		JobAcctGatherType=jobacct_gather/none
		SelectType=select/cons_tres
		SelectTypeParameters=CR_Core
		StateSaveLocation=$dir/state
		SlurmdSpoolDir=$dir/spool
		SlurmctldLogFile=$dir/controller.log
		SlurmdLogFile=$dir/node.log
		SlurmctldPidFile=$dir/controller.pid
		SlurmdPidFile=$dir/node.pid
		SwitchType=switch/none
		MpiDefault=none
		ReturnToService=2
		SlurmdTimeout=10
		KillWait=30
		SchedulerParameters=sched_interval=2,batch_sched_delay=1
		JobRequeue=1
		MaxArraySize=1001
		MailProg=/bin/true
		NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=4000 State=UNKNOWN
		PartitionName=main Nodes=$host Default=YES MaxTime=INFINITE State=UP
	C
}

authenticate() {
	munged --force --socket="$dir/munge/socket" --key-file="$dir/munge/key" --pid-file="$dir/munge/pid" \
		--log-file="$dir/munge/log" --seed-file="$dir/munge/seed"
	chmod 711 "$dir/munge"
}

export SLURM_CONF="$dir/slurm.conf"
case $1 in
start)
	configure "$3" "$4"
	authenticate
	slurmctld
	slurmd
	;;
node) slurmd ;;
stop)
	for pid in node.pid controller.pid munge/pid; do
		test ! -s "$dir/$pid" || kill "$(cat "$dir/$pid")" 2>/dev/null || true
	done
	;;
*)
	echo "one-node.sh: $1: must be start, node or stop" >&2
	exit 2
	;;
esac
