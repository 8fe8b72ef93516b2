# Lets libFuzzer run a target for a while: cmake -DPROGRAM=... -DCORPUS=... -DFOLDER=... -DSECONDS=... -P run_for.cmake
# It starts from a copy of the corpus, so that the tree is not written to. What it finds is left in FOLDER.
file(REMOVE_RECURSE ${FOLDER})
file(MAKE_DIRECTORY ${FOLDER}/corpus ${FOLDER}/found)
file(COPY ${CORPUS}/ DESTINATION ${FOLDER}/corpus)
execute_process(
  COMMAND ${PROGRAM} -max_total_time=${SECONDS} -max_len=${MAX_LEN} -timeout=10 -rss_limit_mb=1024
          -artifact_prefix=${FOLDER}/found/ -print_final_stats=1 ${FOLDER}/corpus
  RESULT_VARIABLE result)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "A finding: ${FOLDER}/found")
endif()
