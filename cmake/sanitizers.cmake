if(SAKER_SANITIZE)
  add_compile_options(-fsanitize=${SAKER_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${SAKER_SANITIZE})
endif()
