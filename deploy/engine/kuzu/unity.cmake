# Read by Kuzu's own build right after its `project(Kuzu ...)`: its sources are compiled a dozen at a time, which
# takes a third of the time, except where two files of one target define the same static name or macro.
set(CMAKE_UNITY_BUILD ON)
set(CMAKE_UNITY_BUILD_BATCH_SIZE 12)

function(compile_file_by_file)
  set_target_properties(
    mbedtls
    re2
    kuzu_function_algorithm
    kuzu_function_array
    kuzu_function_export
    kuzu_function_map
    kuzu_function_path
    kuzu_function_pattern
    kuzu_function_union
    kuzu_list_function
    kuzu_string_function
    kuzu_table_function
    kuzu_utility_function
    kuzu_processor_operator_csv_reader
    kuzu_processor_operator_order_by
    PROPERTIES UNITY_BUILD OFF)
endfunction()

# The targets exist once Kuzu's files have all been read.
cmake_language(DEFER CALL compile_file_by_file)
