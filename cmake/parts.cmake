# The kept libraries Onsale stands on, all from the distribution's packages.
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(OpenSSL 3 REQUIRED)
find_package(SQLite3 3.40 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(spdlog REQUIRED)
find_package(Python3 REQUIRED COMPONENTS Interpreter)
find_package(prometheus-cpp REQUIRED)

# Asio and Beast are headers; this target is linked by runtime (and the load generator) alone.
add_library(onsale_asio INTERFACE)
target_link_libraries(onsale_asio INTERFACE Boost::headers Threads::Threads)
target_compile_definitions(onsale_asio INTERFACE BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE)
