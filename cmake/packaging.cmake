# What `cpack` in a release build makes: onsale_VERSION_ARCH.deb, one office for one machine (`make deb`). The program,
# its systemd units, its settings as a conffile, backup and restore. The shared libraries it needs are Debian's own and
# become its dependencies by dpkg-shlibdeps.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON) # the program is built by then; nothing else is installed
include(GNUInstallDirs)
set(office COMPONENT office)
install(TARGETS onsale RUNTIME DESTINATION bin ${office})
install(PROGRAMS deploy/scripts/onsale-backup deploy/scripts/onsale-restore DESTINATION sbin ${office})
install(FILES deploy/systemd/onsale.service deploy/systemd/onsale@.service DESTINATION lib/systemd/system ${office})
install(FILES deploy/debian/onsale.toml DESTINATION /etc/onsale ${office})
install(FILES CHANGELOG.md README.md docs/operate.md deploy/runbook.md DESTINATION share/doc/onsale ${office})
install(DIRECTORY deploy/config deploy/nginx examples/halls deploy/prometheus deploy/grafana/dashboards DESTINATION share/doc/onsale/examples ${office}
        PATTERN *.test.yml EXCLUDE)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME onsale)
set(CPACK_PACKAGE_CONTACT "Onsale maintainers <maintainers@onsale.invalid>")
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/package)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL office)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_OFFICE_PACKAGE_NAME onsale)
set(CPACK_DEBIAN_OFFICE_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_OFFICE_DESCRIPTION
"ticket office for the second in which everyone arrives
Sells the seats of a hall to a crowd that comes all at once: nobody gets a
seat twice, nobody pays without a seat, nobody waits without knowing.
One program; storage, live seat map and API are inside.")
set(CPACK_DEBIAN_OFFICE_PACKAGE_SECTION net)
set(CPACK_DEBIAN_OFFICE_PACKAGE_DEPENDS "adduser, init-system-helpers (>= 1.50)")
set(CPACK_DEBIAN_OFFICE_PACKAGE_RECOMMENDS python3)
set(CPACK_DEBIAN_OFFICE_PACKAGE_SUGGESTS "nginx-light, prometheus")
set(CPACK_DEBIAN_OFFICE_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_OFFICE_PACKAGE_CONTROL_STRICT_PERMISSION ON)
foreach(script conffiles postinst prerm postrm)
  list(APPEND CPACK_DEBIAN_OFFICE_PACKAGE_CONTROL_EXTRA ${PROJECT_SOURCE_DIR}/deploy/debian/${script})
endforeach()
include(CPack)
