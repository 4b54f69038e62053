add_library(saker_warnings INTERFACE)
target_compile_options(saker_warnings INTERFACE -Wall -Wextra -Wshadow -Wundef -Wconversion -Werror)
