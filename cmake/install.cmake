# What `cmake --install` gives: the program, libsaerok.so with the public headers and
# find_package(saerok), the licence and the licences of what is inside.

# The library is every module but the program's own (cli, server) and the runtime of local models,
# which runs in a process of the program's. Objects, not archives: an archive would leave out what
# nothing inside the library calls, which is its whole interface.
add_library(libsaerok SHARED)
foreach(folder base text index storage models search ingest answer backend engine)
  if(TARGET saerok_${folder})
    target_sources(libsaerok PRIVATE $<TARGET_OBJECTS:saerok_${folder}>)
    # For the third-party libraries behind it.
    target_link_libraries(libsaerok PRIVATE saerok_${folder})
  endif()
endforeach()
add_library(saerok::saerok ALIAS libsaerok)
set_target_properties(libsaerok PROPERTIES
  OUTPUT_NAME saerok EXPORT_NAME saerok LINKER_LANGUAGE CXX
  VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}
  LINK_DEPENDS ${PROJECT_SOURCE_DIR}/cmake/libsaerok.map)
target_compile_features(libsaerok INTERFACE cxx_std_20)
target_include_directories(libsaerok INTERFACE
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
# Hidden visibility keeps our own internals private; the map also keeps private what was compiled by
# others, and templates of the standard library.
target_link_options(libsaerok PRIVATE
  -Wl,--version-script=${PROJECT_SOURCE_DIR}/cmake/libsaerok.map)
if(NOT SAEROK_SANITIZE)
  target_link_options(libsaerok PRIVATE -Wl,-z,defs)
endif()

include(CMakePackageConfigHelpers)
set(saerok_package ${CMAKE_INSTALL_LIBDIR}/cmake/saerok)
configure_package_config_file(cmake/saerokConfig.cmake.in ${PROJECT_BINARY_DIR}/saerokConfig.cmake
                              INSTALL_DESTINATION ${saerok_package})
# Before 1.0 a minor version may change the interface.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/saerokConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)

install(TARGETS libsaerok EXPORT saerok LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
if(TARGET saerok)
  install(TARGETS saerok RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
if(SAEROK_OPENVINO)
  # In a folder of saerok's own, because other programs have their own versions of these.
  set(saerok_private_libraries ${CMAKE_INSTALL_LIBDIR}/saerok)
  install(TARGETS saerok_openvino LIBRARY DESTINATION ${saerok_private_libraries})
  file(GLOB openvino_libraries ${SAEROK_OPENVINO_DIR}/lib/*.so*)
  install(FILES ${openvino_libraries} DESTINATION ${saerok_private_libraries})
endif()
install(DIRECTORY include/saerok DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(EXPORT saerok NAMESPACE saerok:: DESTINATION ${saerok_package} FILE saerokTargets.cmake)
install(FILES ${PROJECT_BINARY_DIR}/saerokConfig.cmake ${PROJECT_BINARY_DIR}/saerokConfigVersion.cmake
        DESTINATION ${saerok_package})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

find_program(SAEROK_READELF NAMES ${CMAKE_READELF} readelf)
set(saerok_linked $<TARGET_FILE:libsaerok>)
if(TARGET saerok)
  list(APPEND saerok_linked $<TARGET_FILE:saerok>)
endif()
install(CODE "
  set(list_file \"${PROJECT_SOURCE_DIR}/THIRD_PARTY_LICENSES\")
  set(linked \"${saerok_linked}\")
  set(readelf \"${SAEROK_READELF}\")
  set(llama \"${SAEROK_LLAMA}\")
  set(llama_folder \"${SAEROK_LLAMA_DIR}\")
  set(openvino \"${SAEROK_OPENVINO}\")
  set(openvino_folder \"${SAEROK_OPENVINO_DIR}\")
  set(page \"${SAEROK_PAGE_LICENCE}\")
  set(page_folder \"${SAEROK_PAGE_LICENCE}\")
  set(destination
      \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DOCDIR}/THIRD_PARTY_LICENSES\")
  include(\"${PROJECT_SOURCE_DIR}/cmake/licenses.cmake\")")
