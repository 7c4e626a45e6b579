#!/usr/bin/env bash
# gpu_bundle_test.sh BUNDLE with_cuda|without_cuda: the bundle has what
# gpu_run.sh runs, and fits in 60 MB.
set -euo pipefail
bundle=$1
if [[ $2 == without_cuda ]]; then
  echo "No CUDA toolkit: the bundle has no programs, nothing to check."
  exit 0
fi
fail() {
  echo "gpu_bundle_test: $*" >&2
  exit 1
}
listing=$(tar -tzf "$bundle")
for file in ./gpu_run.sh ./gpu_tests.sh ./cuda_release ./bin/device_tests ./bin/optimizer_bench \
  ./bin/train_cuda ./bin/smoothness_cuda ./bin/record_result \
  ./bin/gpt2_step_bench ./peers/gpt2_cuda_peer.py ./peers/peer_ratios.py \
  ./specs/experiments/gpt2/alpaca.textproto \
  ./specs/experiments/gpt2/{pretrain,smoothness_full,smoothness_tenth}.textproto \
  ./specs/experiments/gpt2/alpaca_sgd_m{32,64,128,256,512,1024}_spec.textproto \
  ./specs/experiments/gpt2/alpaca_{,lmflow_,unmasked_}adagrad_m{32,1024}_spec.textproto \
  ./specs/experiments/logistic/a4a_family.textproto \
  ./data/alpaca_{joint_,lmflow_,}tokens.bin \
  ./bin/text_tokenize; do
  grep -qxF "$file" <<<"$listing" || fail "no $file"
done
# GNU stat: bytes.
size=$(stat -L -c %s "$bundle")
((size < 60000000)) || fail "$size bytes"

# The C++ libraries of this machine want a newer C library than programs do.
grep -qxF ./lib/compiler/libstdc++.so.6 <<<"$listing" || fail "no libstdc++"
if grep -q '^./lib/lib\(stdc++\|gcc_s\)' <<<"$listing"; then
  fail "the C++ libraries are in front of the machine's"
fi

# gpu_run.sh finds the tests of every kernel in the program. Listing them needs
# no GPU.
mkdir "$TEST_TMPDIR/unpacked"
tar -xzf "$bundle" -C "$TEST_TMPDIR/unpacked"
tests=$(LD_LIBRARY_PATH=$TEST_TMPDIR/unpacked/lib \
  "$TEST_TMPDIR/unpacked/bin/device_tests" --gtest_list_tests)
for suite in Rules/DeviceOptimizerTest GradientNorm TensorCore; do
  grep -q "^$suite[.]" <<<"$tests" || fail "no test of $suite"
done

# A text is tokenised with what the bundle has, or the vocabulary is missed.
if [[ -e $TEST_TMPDIR/unpacked/bin/text_tokenize.runfiles ]]; then
  printf 'Once upon\n<|endoftext|>\na time\n' |
    "$TEST_TMPDIR/unpacked/gpu_run.sh" run text_tokenize --corpus=- \
      --out="$TEST_TMPDIR/unpacked/data/tale_tokens.bin" ||
    fail "text_tokenize"
fi
times=$(tar --utc --full-time -tvzf "$bundle" | awk '{ print $4 }' | sort -u)
[[ $times == 1970-01-01 ]] || fail "files with a time: $times"
status=0
"$TEST_TMPDIR/unpacked/gpu_run.sh" nonsense "$TEST_TMPDIR/logs" || status=$?
((status == 2)) || fail "gpu_run.sh nonsense exits with $status"

# A program that fails makes gpu_run.sh fail.
printf '#!/bin/sh\nexit 3\n' >"$TEST_TMPDIR/unpacked/bin/device_tests"
if "$TEST_TMPDIR/unpacked/gpu_run.sh" tests "$TEST_TMPDIR/logs" 2>&1; then
  fail "gpu_run.sh tests succeeds where a test fails"
fi
[[ -f $TEST_TMPDIR/logs/device_tests.log ]] || fail "no log"

cd "$TEST_TMPDIR/unpacked"
mkdir path

# Programs take the bundle's C++ libraries where the machine's are too old, and
# CUDA's from the toolkit where the loader does not find them.
printf '#!/bin/sh\necho "path=$LD_LIBRARY_PATH="\n' >bin/device_tests
./gpu_run.sh tests logs
grep -qxF "path=$PWD/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}=" \
  logs/device_tests.log || fail "not the machine's C++ libraries"
cat >path/ldd <<'PROGRAM'
#!/bin/sh
case $LD_LIBRARY_PATH in
  */lib/compiler:*) ;;
  *) echo "x: libstdc++.so.6: version \`GLIBCXX_3.4.30' not found" ;;
esac
case $LD_LIBRARY_PATH in
  *toolkit/lib64) ;;
  *) echo "libcublasLt.so.13 => not found" ;;
esac
PROGRAM
chmod +x path/ldd
mkdir -p toolkit/lib64
if PATH=$PWD/path:$PATH CUDA_HOME=$PWD/toolkit ./gpu_run.sh tests logs; then
  fail "gpu_run.sh goes on without a library"
fi
touch toolkit/lib64/libcublasLt.so.13
PATH=$PWD/path:$PATH CUDA_HOME=$PWD/toolkit ./gpu_run.sh tests logs ||
  fail "gpu_run.sh does not find CUDA's libraries"
grep -q "^path=$PWD/lib/compiler:$PWD/lib:.*$PWD/toolkit/lib64=$" \
  logs/device_tests.log || fail "not the bundle's C++ libraries"
rm path/ldd

# A suite that ends the program does not hide the others. What others rest on
# comes first, what takes long last; one of a suite's tests may be chosen.
cat >bin/device_tests <<'PROGRAM'
#!/bin/sh
case $1 in
  --gtest_list_tests)
    printf 'Running main()\nFamilyTrainer.\n  A\n  B\nFirst.\n  A\n'
    printf 'Typed/0.  # T = x\n  B\nMatrixProduct.\n  C  # x\n'
    ;;
  *First*) exit 9 ;;
  *) echo "ran $1" ;;
esac
PROGRAM
if ./gpu_run.sh tests logs; then fail "a failed suite is hidden"; fi
grep -qxF 'ran --gtest_filter=Typed/0.*' logs/device_tests.log || fail "suites"
grep -qxF '4 suites, 1 failed: First.*' logs/device_tests.log || fail "summary"
listed=$(./gpu_run.sh tests --list --filter='x/0|Typed|Prod|^FamilyTrainer.B' logs |
  tail -n +2 | paste -sd ' ')
[[ $listed == 'MatrixProduct.* Typed/0.* FamilyTrainer.B' ]] || fail "order: $listed"

# --filter, --seconds, and the one file that has the logs.
./gpu_run.sh tests --filter='^Typed' --pack=packed.tar.gz logs ||
  fail "the filter leaves what fails"
printf '%s\n' 'ran --gtest_filter=Typed/0.*' '1 suites, 0 failed' |
  cmp - logs/device_tests.log || fail "filter"
tar -xOzf packed.tar.gz logs/device_tests.log | cmp - logs/device_tests.log ||
  fail "the log is not packed"
# Where nothing fails, one process has them all.
./gpu_run.sh tests --filter='^(Typed|Matrix|FamilyTrainer.B)' logs || fail "at once"
printf '%s\n' 'ran --gtest_filter=MatrixProduct.*:Typed/0.*:FamilyTrainer.B' \
  '3 suites, 0 failed' | cmp - logs/device_tests.log || fail "more than one process"
if ./gpu_run.sh tests --seconds=0 logs; then fail "what is left out is hidden"; fi
grep -qxF '4 suites, 0 failed; no time for MatrixProduct.* First.* Typed/0.* FamilyTrainer.*' \
  logs/device_tests.log || fail "no word of what was left out"
printf '#!/bin/sh\n[ "$1" = --gtest_list_tests ] || exec sleep 60\n' \
  >bin/device_tests
if ./gpu_run.sh tests --seconds=5 logs; then fail "not stopped"; fi
grep -qxF '1 suites, 0 failed; out of time: *' logs/device_tests.log ||
  fail "not in time"
# The second that it had may be over when it begins.
(source /dev/stdin <<<"$(sed -n '/^within_time() {/,/^}/p' gpu_run.sh)"
  deadline=$SECONDS
  ! within_time sleep 5) || fail "no time is all the time"

# The first line says whether driver and libraries fit, unless an earlier command
# has: it gives the libraries to those that follow.
echo 13.0 >cuda_release
cat >path/nvidia-smi <<'PROGRAM'
#!/bin/sh
[ "$*" = -q ] || exit 1
cat <<TEXT
Driver Version                            : 580.1
CUDA Version                              : $FAKE_CUDA

GPU 00000000:00:1E.0
    Product Name                          : NVIDIA H100
TEXT
PROGRAM
chmod +x path/nvidia-smi
for fake in 13.1:fits 12.8:'the driver is too old'; do
  FAKE_CUDA=${fake%%:*} PATH=$PWD/path:$PATH ./gpu_run.sh tests --seconds=0 \
    logs >said 2>/dev/null || true
  line=$(head -1 said)
  grep -q 'Product Name' logs/device.log || fail "no device.log"
  [[ $line == "gpu_run.sh: ${fake#*:}: NVIDIA H100, driver 580.1 for CUDA \
${fake%%:*}, built with CUDA 13.0" ]] || fail "first line: $line"
done
GPU_RUN_LIBRARIES=$(FAKE_CUDA=13.1 PATH=$PWD/path:$PATH ./gpu_run.sh probe \
  2>said) || fail "probe"
grep -q '^gpu_run.sh: fits: ' said || fail "probe says $(<said)"
[[ $GPU_RUN_LIBRARIES == "$PWD/lib"* ]] || fail "probe: $GPU_RUN_LIBRARIES"
printf '#!/bin/sh\necho "path=$LD_LIBRARY_PATH="\n' >bin/device_tests
said=$(GPU_RUN_LIBRARIES=/there ./gpu_run.sh tests logs) || fail "not given"
[[ $(head -1 <<<"$said") == "path=/there=" ]] || fail "not the given libraries: $said"
rm path/nvidia-smi
rm -r gpu_logs

# The sanitizer takes a suite at a time, and memcheck no failed call of CUDA's for
# an error, which is an option of its own.
printf '#!/bin/sh\n[ "$1" != --gtest_list_tests ] || printf "A.\\n  x\\nB.\\n  y\\n"\n' \
  >bin/device_tests
printf '#!/bin/sh\necho "sanitized $*"\n' >path/compute-sanitizer
chmod +x path/compute-sanitizer
PATH=$PWD/path:$PATH ./gpu_run.sh sanitize --filter=B logs || fail "sanitize"
for tool in memcheck racecheck initcheck; do
  own=''
  if [[ $tool == memcheck ]]; then own=' --report-api-errors=no'; fi
  grep -qxF "sanitized --tool=$tool --error-exitcode=9$own \
$PWD/bin/device_tests --gtest_filter=B.*" logs/$tool.log || fail "$tool"
done
rm logs/*check.log
PATH=$PWD/path:$PATH ./gpu_run.sh sanitize --tool=racecheck logs ||
  fail "sanitize --tool"
[[ -e logs/racecheck.log && ! -e logs/memcheck.log ]] || fail "not one tool"
# What racecheck finds is asked again, without its eye on cp.async.
printf '#!/bin/sh\necho "sanitized $*"\ncase $* in *A.*) exit 9 ;; esac\n' \
  >path/compute-sanitizer
if PATH=$PWD/path:$PATH ./gpu_run.sh sanitize logs; then fail "a race is hidden"; fi
grep -qxF '2 suites, 1 failed: A.*' logs/racecheck.log || fail "no race"
grep -q '^sanitized .* --racecheck-memcpy-async=no .*=A[.][*]$' \
  logs/racecheck_sync.log || fail "not asked again"
if grep -q async logs/initcheck.log || grep -q 'B[.]' logs/racecheck_sync.log; then
  fail "asked too much"
fi
printf '#!/bin/sh\necho "========= Error: Device not supported. Please"\nexit 1\n' \
  >path/compute-sanitizer
if PATH=$PWD/path:$PATH ./gpu_run.sh sanitize --tool=initcheck logs; then
  fail "a sanitizer that cannot is hidden"
fi
[[ $(grep -c 'not supported' logs/initcheck.log) == 1 ]] ||
  fail "a sanitizer that cannot is run again"

# What selects nothing is an error, and is run nowhere.
rm logs/*
for nothing in 'tests --filter=A\|B' 'sanitize --list --filter=C' \
  'bench --list --filter=none'; do
  status=0
  said=$(./gpu_run.sh $nothing logs 2>&1) || status=$?
  ((status == 1)) || fail "$nothing exits with $status"
  grep -q "name matches" <<<"$said" || fail "$nothing: $said"
done
[[ -z $(ls logs) ]] || fail "something ran"
[[ $(./gpu_run.sh tests --list --filter='A|B' logs | tail -n +2 | paste -sd ' ') == 'A.* B.*' ]] ||
  fail "--list"

# `run` hands on arguments and failure.
printf '#!/bin/sh\necho "$#:$2"\n[ "$1" = good ]\n' >bin/device_tests
[[ $(./gpu_run.sh run device_tests good "a b") == "2:a b" ]] || fail "run"
if ./gpu_run.sh run device_tests bad; then fail "run hides a failure"; fi

# A benchmark with an error makes gpu_run.sh fail. The whole step comes first,
# PyTorch's behind it, also where ours was stopped; --benchmarks chooses.
rm -r bin/*
cat >bin/gpt2_step_bench <<'PROGRAM'
#!/bin/sh
for argument; do
  case $argument in
    --benchmark_list_tests=*) list=yes ;;
    --benchmark_filter=*) filter=${argument#*=} ;;
    --benchmark_out=*) out=${argument#*=} ;;
  esac
done
name=$(basename "$0")
if [ "$list" ]; then
  echo "$name/Step" | grep -E -- "$filter" || true
  exit 0
fi
echo "$name" >>ran
echo "$*" >"$name.arguments"
echo '"error_occurred": true' >"$out"
PROGRAM
chmod +x bin/gpt2_step_bench
cp bin/gpt2_step_bench bin/attention_bench
cp bin/gpt2_step_bench bin/layers_bench
cat >path/python3 <<'PROGRAM'
#!/bin/sh
echo "python3 $*"
case $* in
  *peers/*) basename "$1" >>ran ;;
esac
PROGRAM
chmod +x path/python3
if PATH=$PWD/path:$PATH ./gpu_run.sh bench logs; then
  fail "gpu_run.sh bench succeeds where a benchmark has an error"
fi
printf '%s\n' gpt2_step_bench gpt2_cuda_peer.py peer_ratios.py attention_bench \
  layers_bench | cmp - ran || fail "order: $(paste -sd ' ' ran)"
grep -q "peers/gpt2_cuda_peer.py logs/gpt2_step_bench.json" \
  logs/gpt2_cuda_peer.log || fail "no peer ran"
[[ -f logs/peer_ratios.log ]] || fail "no ratios"
grep -q repetitions=2 gpt2_step_bench.arguments || fail "three models for each step"
grep -q repetitions=3 layers_bench.arguments || fail "fewer than three repetitions"
rm ran
./gpu_run.sh bench --benchmarks='^layers.*/Step' logs && fail "no error"
[[ $(<ran) == layers_bench ]] || fail "not by --benchmarks: $(<ran)"
if ./gpu_run.sh bench --benchmarks=Stop logs; then fail "no benchmark, no error"; fi
# No peer where python3 has no torch.
printf '#!/bin/sh\ncase $* in *find_spec*) exit 1 ;; esac\necho "python3 $*"\n' >path/python3
rm logs/*peer*
PATH=$PWD/path:$PATH ./gpu_run.sh bench --filter=gpt2_step logs 2>said && fail "no error"
grep -q 'no python3 with torch, hence no peer' said || fail "no word of torch: $(<said)"
[[ -e logs/gpt2_step_bench.json && ! -e logs/gpt2_cuda_peer.log ]] || fail "a peer without torch"
