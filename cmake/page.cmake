# The page (web/) as the program carries it: tools/web builds web/dist, this packs it into one file. Without web/dist the
# program carries its plain start page alone: everything but the page is there.
set(onsale_page_bundle ${PROJECT_BINARY_DIR}/page.bundle)
file(GLOB_RECURSE onsale_page_files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/web/dist/*)
if(NOT onsale_page_files)
  message(NOTICE "web/dist is not there (tools/web builds it): the program will carry its plain start page")
endif()
add_custom_command(
  OUTPUT ${onsale_page_bundle}
  COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tools/page_bundle.py ${PROJECT_SOURCE_DIR}/web/dist
          ${onsale_page_bundle}
  DEPENDS ${PROJECT_SOURCE_DIR}/tools/page_bundle.py ${onsale_page_files}
  COMMENT "Packing the page")
add_custom_target(page_files DEPENDS ${onsale_page_bundle})
