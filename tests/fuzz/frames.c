/* A library for fuzz_native to begin with: frames that hang on the stack pointer and on the frame
 * pointer, and unwind information with an expression. */
void first(void);
void second(unsigned long size);
void third(void);

/* Its caller is found through memory. */
__attribute__((naked)) void third(void)
{
    __asm__(".cfi_escape 0x0f, 0x03, 0x77, 0x08, 0x06\n\t" /* DW_OP_breg7 8; DW_OP_deref */
            "call first\n\t"
            "ret");
}

void second(unsigned long size)
{
    volatile char *room = __builtin_alloca(size);
    *room = 0;
    third();
    *room = 1;
}

void first(void)
{
    volatile unsigned long size = 100;
    second(size);
    size = 1;
}
