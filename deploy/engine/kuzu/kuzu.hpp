// What the `kuzu` crate asks of an installed Kuzu. There it is one file of all headers, made by Kuzu's own build with
// Python and a script that the crate does not have.
#pragma once

#include "common/type_utils.h"
#include "common/types/int128_t.h"
#include "common/types/types.h"
#include "common/types/value/nested.h"
#include "common/types/value/node.h"
#include "common/types/value/recursive_rel.h"
#include "common/types/value/rel.h"
#include "common/types/value/value.h"
#include "main/kuzu.h"
#include "storage/storage_version_info.h"
