# Read by LadybugDB's own build right after its `project(Lbug ...)`: its sources are compiled a dozen at a time, which
# takes a third of the time, except where two files of one target define the same static name or macro.
set(CMAKE_UNITY_BUILD ON)
set(CMAKE_UNITY_BUILD_BATCH_SIZE 12)

function(compile_file_by_file)
  set_target_properties(
    mbedtls
    re2
    lbug_binder_bind_expression
    lbug_catalog_entry
    lbug_common_types
    lbug_function_aggregate
    lbug_optimizer
    lbug_storage_store
    lbug_storage_wal
    lbug_function_algorithm
    lbug_function_array
    lbug_function_export
    lbug_function_map
    lbug_function_path
    lbug_function_pattern
    lbug_function_union
    lbug_list_function
    lbug_string_function
    lbug_table_function
    lbug_utility_function
    lbug_processor_operator_csv_reader
    lbug_processor_operator_order_by
    PROPERTIES UNITY_BUILD OFF)
endfunction()

# The targets exist once LadybugDB's files have all been read.
cmake_language(DEFER CALL compile_file_by_file)
