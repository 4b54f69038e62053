// The entry of a program linked against the folder that make_floor.sh makes. Since glibc 2.34 the entry leaves the
// program's constructors to __libc_start_main, of which earlier ones know nothing; they are handed a function that runs
// them. Later ones call it, too, where a program brings one.
typedef void constructor(int argc, char** argv, char** environment);

extern int main(int argc, char** argv, char** environment);
extern int __libc_start_main(int (*program)(int, char**, char**), int argc, char** argv, constructor* init,
                             void (*fini)(void), void (*loader_fini)(void), void* stack_end);
extern void _init(void);

// From the linker, which sets them around the section .init_array.
extern constructor* __init_array_start[] __attribute__((visibility("hidden")));
extern constructor* __init_array_end[] __attribute__((visibility("hidden")));

static void run_constructors(int argc, char** argv, char** environment) {
  _init();
  for (constructor** next = __init_array_start; next != __init_array_end; ++next) (*next)(argc, argv, environment);
}

// `stack` is as the kernel leaves it: argc, then argv. Destructors are the dynamic loader's affair: `loader_fini`.
__attribute__((used, visibility("hidden"), noreturn)) void saker_start_program(long* stack, void (*loader_fini)(void)) {
  __libc_start_main(main, (int)stack[0], (char**)(stack + 1), run_constructors, 0, loader_fini, stack);
  __builtin_trap();
}

// x86-64's convention at the entry of a process: rsp is the stack, rdx what to run at exit; no frame lies above.
__asm__(
    ".globl _start\n"
    ".type _start,@function\n"
    "_start:\n"
    "  endbr64\n"
    "  xorl %ebp, %ebp\n"
    "  movq %rsp, %rdi\n"
    "  movq %rdx, %rsi\n"
    "  andq $-16, %rsp\n"
    "  call saker_start_program\n"
    "  hlt\n"
    ".size _start, .-_start\n");
