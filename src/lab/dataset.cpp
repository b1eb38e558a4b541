#include "lab/dataset.h"
