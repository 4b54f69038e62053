# What the kernels are compiled for: the last part of a file's name says it (conv_avx2.cc), and one line here the flags,
# which tests/structure/check.sh reads too. These files are optimised in every preset; everything in them but the kernel
# table lives in anonymous namespaces, so that no AVX-512 copy of a shared inline function can be picked for an old CPU.
set(SAKER_ISA_FLAGS_baseline "")
set(SAKER_ISA_FLAGS_avx2 -mavx2 -mfma -mf16c -mbmi2)
set(SAKER_ISA_FLAGS_avx512 -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx2 -mfma -mf16c -mbmi2)
# What some CPUs of a level have (Isa::Feature).
set(SAKER_ISA_FLAGS_avx2_vnni ${SAKER_ISA_FLAGS_avx2} -mavxvnni)
set(SAKER_ISA_FLAGS_avx512_vnni ${SAKER_ISA_FLAGS_avx512} -mavx512vnni)
set(SAKER_ISA_FLAGS_avx512_bf16 ${SAKER_ISA_FLAGS_avx512} -mavx512bf16)
set(SAKER_ISA_FLAGS_avx512_fp16 ${SAKER_ISA_FLAGS_avx512} -mavx512fp16)
set(SAKER_ISA_FLAGS_avx512_vbmi ${SAKER_ISA_FLAGS_avx512} -mavx512vbmi)
set(SAKER_ISA_FLAGS_amx_int8 ${SAKER_ISA_FLAGS_avx512_vnni} -mamx-tile -mamx-int8)
set(SAKER_ISA_FLAGS_amx_bf16 ${SAKER_ISA_FLAGS_avx512_bf16} -mamx-tile -mamx-bf16)

get_directory_property(variables VARIABLES)
set(SAKER_ISA_NAMES ${variables})
list(FILTER SAKER_ISA_NAMES INCLUDE REGEX "^SAKER_ISA_FLAGS_")
list(TRANSFORM SAKER_ISA_NAMES REPLACE "^SAKER_ISA_FLAGS_" "")

# (GCC 12 warns of uninitialised values inside its own AVX-512 headers: bug 105593.)
# saker_isa_sources(files...): gives those whose names ask for it their flags; call in the directory that adds them.
function(saker_isa_sources)
  foreach(file ${ARGN})
    foreach(isa ${SAKER_ISA_NAMES})
      if(file MATCHES "_${isa}\\.cc$")
        set_source_files_properties(${file} PROPERTIES
          COMPILE_OPTIONS "-O3;-fno-math-errno;-fno-trapping-math;-Wno-conversion;-Wno-sign-conversion;-Wno-maybe-uninitialized;-Wno-uninitialized;${SAKER_ISA_FLAGS_${isa}}")
      endif()
    endforeach()
  endforeach()
endfunction()
