#include <unistd.h>

#include "models/llama_worker.h"

int main() { return saerok::run_model_worker(STDIN_FILENO, STDOUT_FILENO); }
