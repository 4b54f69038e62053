# ISA levels of the kernels. Each level's files are compiled with its own flags and optimised in
# every preset; everything in them but the kernel table lives in anonymous namespaces, so that no
# AVX-512 copy of a shared inline function can be picked for an old CPU (tests/structure checks).
set(SAKER_ISA_FLAGS_baseline "")
set(SAKER_ISA_FLAGS_avx2 -mavx2 -mfma -mf16c -mbmi2)
set(SAKER_ISA_FLAGS_avx512 -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx2 -mfma -mf16c -mbmi2)
set(SAKER_ISA_FLAGS_avx2_vnni ${SAKER_ISA_FLAGS_avx2} -mavxvnni)
set(SAKER_ISA_FLAGS_avx512_vnni ${SAKER_ISA_FLAGS_avx512} -mavx512vnni)
# What some CPUs of that level have.
set(SAKER_ISA_FLAGS_avx512_bf16 ${SAKER_ISA_FLAGS_avx512} -mavx512bf16)
set(SAKER_ISA_FLAGS_avx512_vbmi ${SAKER_ISA_FLAGS_avx512} -mavx512vbmi)

# (GCC 12 warns of uninitialised values inside its own AVX-512 headers: bug 105593.)
# saker_isa_sources(<level> files...): call in the directory that adds the files.
function(saker_isa_sources level)
  foreach(file ${ARGN})
    set_source_files_properties(${file} PROPERTIES
      COMPILE_OPTIONS "-O3;-fno-math-errno;-fno-trapping-math;-Wno-conversion;-Wno-sign-conversion;-Wno-maybe-uninitialized;-Wno-uninitialized;${SAKER_ISA_FLAGS_${level}}")
  endforeach()
endfunction()
