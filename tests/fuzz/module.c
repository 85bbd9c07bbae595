/* A library for fuzz_symbols to begin with: make_seeds.py links it so that it is small and lies in
 * memory as it does in its file. */
extern int _PyRuntime[4], PyType_Type;
int _PyRuntime[4] = {1};
int PyType_Type = 2;

int *module_runtime(void);
int *module_runtime(void)
{
    return &_PyRuntime[PyType_Type];
}
