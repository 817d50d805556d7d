#!/usr/bin/env bash
# Measures everything that needs a GPU, in order of importance, and writes one report.
#
#   make gpu-kit                                                # here: bin/gpu-kit.tar.xz, 20 MiB
#   tar xf gpu-kit.tar.xz && gpu-kit/gpu.sh --minutes 30        # there
#
# The machine needs glibc 2.34 (Debian 12, Ubuntu 22.04, RHEL 9), an NVIDIA driver and cuBLAS and, for the peers, a python3 with torch and jax; the report names
# what is missing. This file and the two binaries are all that has to be there; make gpu-kit packs the three.
#
#   --autoamp FILE    the GPU binary; default autoamp-gpu beside this file, else bin/autoamp-gpu
#   --tests FILE      the compiled tests of package cuda; default cuda.test in the same folder
#   --out DIR         a folder for report.md, report.json (every table) and log.txt; default report
#   --minutes N       when to stop; default 30
#   --sections A,B    only these of: tests speed small precision large memcheck racecheck initcheck medium huge train
#   --device D        gpu or gpu:N; default gpu
#   --trial           tiny sizes and peers on the CPU, to try this script on the emulated driver
#
# A section that fails or takes too long says so and the rest goes on; the report is complete after each of them.
set -uo pipefail

# The oldest glibc that has every symbol of the binaries; make glibc-check compares.
glibc=2.34
here_glibc=$(getconf GNU_LIBC_VERSION 2>/dev/null) || here_glibc="glibc 0 (none found)"
if [ "$(printf '%s\n' "glibc $glibc" "$here_glibc" | sort -V | head -n 1)" != "glibc $glibc" ]; then
	echo "$here_glibc: the binaries need glibc $glibc or newer: Debian 12, Ubuntu 22.04 or RHEL 9, or a container of one of them" >&2
	exit 2
fi

here=$(dirname "$0")
[ -x "$here/autoamp-gpu" ] || here=bin
autoamp=$here/autoamp-gpu tests=$here/cuda.test out=report minutes=30 device=gpu trial=
sections=tests,speed,small,precision,large,memcheck,racecheck,initcheck,medium,huge,train

usage() {
	sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p;}' "$0" >&2
	exit 2
}

while [ $# -gt 0 ]; do
	case $1 in
	--trial)
		trial=yes
		shift
		continue
		;;
	--autoamp | --tests | --out | --minutes | --sections | --device) [ $# -ge 2 ] || usage ;;
	*) usage ;;
	esac
	printf -v "${1#--}" %s "$2"
	shift 2
done
case $minutes in
'' | *[!0-9]* | 0)
	echo "--minutes = $minutes: must be a whole number above 0" >&2
	exit 2
	;;
esac
if ! command -v "$autoamp" >/dev/null; then
	echo "--autoamp = $autoamp: no such program; make build-gpu builds it" >&2
	exit 2
fi
mkdir -p "$out" || exit 2

# cuBLAS may be there only as a Python package, such as PyTorch depends on, of a python3 in a place of its own.
cublas=$(timeout 20 python3 - <<'EOF' 2>/dev/null
import glob, importlib.util, os
for folder in importlib.util.find_spec("nvidia").submodule_search_locations:
    for file in sorted(glob.glob(folder + "/**/libcublas.so.1[1-9]", recursive=True)):
        print(os.path.dirname(file))
EOF
)
for folder in $cublas; do
	export LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$folder
done

# The time counts from here: what follows must leave a report, whatever happens.
deadline=$((SECONDS + 60 * minutes))
report=$out/report.md log=$out/log.txt parts=$out/parts
rm -rf "$parts" && mkdir -p "$parts" || exit 2
trap 'collect; rm -rf "$parts"' EXIT # the parts stay if this script is killed
: >"$log"

# section NAME SECONDS TITLE FORMAT COMMAND... runs a command for so long at most, then interrupts it, so that it can
# write what it has. FORMAT is a function that writes the command's output, its standard input, as Markdown.
section() {
	local name=$1 limit=$2 title=$3 format=$4 left=$((deadline - SECONDS - 5)) status began=$SECONDS
	shift 4
	case ,$sections, in *",$name,"*) ;; *) return ;; esac
	printf '\n# %s\n\n' "$title" >>"$report"
	if [ "$left" -lt 5 ]; then
		echo "Not run: the time was over." >>"$report"
		return
	fi
	[ "$left" -gt "$limit" ] || limit=$left
	echo "$title, at most $limit s" | tee -a "$log" >&2
	timeout --signal=INT --kill-after=20 "$limit" "$@" >"$parts/output" 2>>"$log"
	status=$?
	[ -s "$parts/output" ] || cat "$parts/$name"/*.md >"$parts/output" 2>/dev/null # of a killed command
	{
		"$format" <"$parts/output"
		case $status in
		0) printf '\nTook %d s.\n' $((SECONDS - began)) ;;
		124 | 130 | 137) printf '\nCut short after %d s.\n' "$limit" ;;
		*) printf '\nFailed with status %d; the end of the log:\n\n%s\n' $status "$(tail -n 10 "$log" | fence)" ;;
		esac
	} >>"$report"
	collect
}

# tables lets the headings of a command's tables go below the section's, and its preamble stand in the report once.
tables() {
	if grep -q '^- elementwise: ' "$report"; then sed -n '/^## /,$p'; else cat; fi | sed 's/^#/##/'
}

# trained leaves out where a training was.
trained() { grep -v '^in ' | fence; }

# fence shows text as it is.
fence() {
	echo '```'
	cat
	echo '```'
}

# verdicts counts the tests of a log and shows failures, measured errors and what the sanitizer says.
verdicts() {
	tee -a "$log" >"$parts/tests"
	echo "Tests and subtests: $(grep -c -- '--- PASS' "$parts/tests") passed, $(grep -c -- '--- FAIL' "$parts/tests") failed," \
		"$(grep -c -- '--- SKIP' "$parts/tests") skipped."
	echo
	grep -E -- '--- FAIL|^(PASS|FAIL|panic)|largest|ERROR SUMMARY|========= [A-Z]' "$parts/tests" | tail -n 40 | fence
}

# collect writes every table so far as one JSON object, by the name of its section.
collect() {
	local file separator='{'
	{
		for file in "$parts"/*/*.json; do
			[ -e "$file" ] || continue
			printf '%s"%s":\n' "$separator" "$(basename "$(dirname "$file")")"
			cat "$file"
			separator=,
		done
		[ "$separator" = , ] || printf '{'
		echo '}'
	} >"$out/report.json"
}

# environment says where this runs.
environment() {
	date -u '+%d %B %Y, %H:%M UTC'
	nvidia-smi
	uname -srm
	echo "LD_LIBRARY_PATH=${LD_LIBRARY_PATH-}"
	"$autoamp" version
	python3 -c 'import sys; print("python", sys.version.split()[0])'
	timeout 20 python3 - <<-'EOF'
		# An import of torch can take a minute on a cold disk, and jax takes the device's memory.
		from importlib.metadata import PackageNotFoundError, version
		for name in "torch", "jax", "nvidia-cublas-cu12", "nvidia-cublas-cu11", "nvidia-cublas":
		    try:
		        print(name, version(name))
		    except PackageNotFoundError:
		        print(name, "is absent")
	EOF
}

suite() { # NAME SECONDS TITLE SIZES [FLAG...]
	local name=$1 limit=$2 title=$3 sizes=$4
	shift 4
	section "$name" "$limit" "$title" tables \
		"$autoamp" bench suite --device "$device" --out "$parts/$name" --sizes "$sizes" "${peers[@]}" "$@"
}

kernels='^Test(Elementwise|ReLUGrad|Sample|Sign|RowNormalize|Denoise|Sums|Bias|Split|Finish|Updates|Normalised|Decay|SupportGrad|Spline|SplineNotFinite|Gather|Normal|SampleCodes|OneBlockContinues)$'
peers=() conformance=.
small=100x100,100x100x512,200x128,100x100x64 medium=784x256,1024x512 large=4096x4096,16384x4096 huge=32768x4096
compare=() train=(--dim 1600 --steps 2400 --batch 256)
if [ -n "$trial" ]; then
	peers=(--peer-device cpu --rounds 2 --predict h200) conformance='Product|Flops'
	small=8x8,8x8x3 medium=12x8 large=16x8 huge=20x8
	compare=(--sizes 12x16 --product 24x16 --steps 100 --seeds 2) train=(--dim 16 --steps 50 --batch 16)
fi

unfinished='Not finished: what follows is all that was measured.' # until the end takes the line away
printf '# Report of a GPU\n\n%s\n' "$unfinished" >"$report"
collect
environment >"$parts/environment" 2>&1
printf '\n%s\n' "$(fence <"$parts/environment")" >>"$report"
if [ -x "$tests" ]; then
	section tests 180 "Conformance on the device" verdicts "$tests" -test.v -test.run "$conformance"
fi
# sanitize NAME SECONDS runs the tests of the kernels under a tool of compute-sanitizer. The other tests make the driver refuse
# calls on purpose, which by default counts as an error.
sanitize() {
	[ -x "$tests" ] && command -v compute-sanitizer >/dev/null || return
	section "$1" "$2" "The kernels under compute-sanitizer's $1" verdicts \
		compute-sanitizer --tool "$1" --report-api-errors no --error-exitcode 1 "$tests" -test.v -test.run "$kernels"
}
suite speed 240 "autoamp at every size" "$small,$medium,$large,$huge" --contestants autoamp
suite small 400 "Small models beside their peers" "$small"
section precision 240 "Precisions" tables \
	"$autoamp" bench precision --device "$device" --out "$parts/precision" "${compare[@]}"
suite large 240 "Large models beside their peers" "$large"
sanitize memcheck 120
sanitize racecheck 120
sanitize initcheck 60
suite medium 240 "Medium models beside their peers" "$medium"
suite huge 240 "The largest model beside its peers" "$huge"
section train 300 "A training: RI-GAMP behind a Haar encoder, only its scalars trained" trained \
	"$autoamp" train --device "$device" --model rigamp --encoder haar --tied --rate 1 --p 0.2,0.4 --seeds 1,2,3 --lr 0.01 \
	"${train[@]}" --out "$parts/train-run"
sed -i "/^$unfinished\$/,+1d" "$report"
echo "wrote $report, $out/report.json and $log" >&2
