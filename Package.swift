// swift-tools-version: 6.2
import PackageDescription

// Settings of all targets: Swift 6 language mode (the default of the tools version), warnings as errors, and internal
// imports by default: only a `package import` lets another module's types appear in an API, so that C types cannot.
let rules: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let log: Target.Dependency = .product(name: "Logging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let locks: Target.Dependency = .product(name: "NIOConcurrencyHelpers", package: "swift-nio")
let deque: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let ordered: Target.Dependency = .product(name: "OrderedCollections", package: "swift-collections")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")
let asyncAlgorithms: Target.Dependency = .product(name: "AsyncAlgorithms", package: "swift-async-algorithms")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "omni",
    products: [.executable(name: "omni", targets: ["SlackBot"])],
    dependencies: [
        // The command line: parsing, help and shell completion.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // AsyncChannel, for the event stream of the side port's chat route.
        .package(url: "https://github.com/apple/swift-async-algorithms", from: "1.1.4"),
        // Deque for queues, OrderedDictionary for JSON objects. The module Collections would add a minute to a build.
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        // SHA-256 for definition pins and argument hashes; constant-time comparison of tokens.
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        // The logging and metrics APIs that Swift server libraries use.
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        // A dependency of Hummingbird; used directly for its pthread lock, which ThreadSanitizer supports.
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        // SQLite: the embedded store and the demo's data.
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        // HTTP servers of the side port, the emulator and the demo. The default traits add a configuration library.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        // YAML configuration files, with the line of each node.
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        // Services and their graceful shutdown in order.
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        // Child processes: MCP servers over stdio, and peers in tests.
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        // C libraries: module map and shim only. Each is imported in one folder only, which Tests/ArchitectureTests
        // checks.
        .systemLibrary(name: "CCairo", pkgConfig: "cairo", providers: [.apt(["libcairo2-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(
            name: "CMarkdown", pkgConfig: "libcmark-gfm",
            providers: [.apt(["libcmark-gfm-dev", "libcmark-gfm-extensions-dev"])]),
        .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CWebSockets", pkgConfig: "libwebsockets", providers: [.apt(["libwebsockets-dev"])]),
        .target(name: "WebSockets", dependencies: ["CWebSockets", log, locks, deque], swiftSettings: rules),

        // Charts as PNG images.
        .target(name: "Charts", dependencies: ["CCairo"], swiftSettings: rules),

        // The three modules: SlackBot imports Analytics and Bridge, Analytics imports Bridge.
        .target(
            name: "Bridge",
            dependencies: [
                "CCurl", log, metrics, lifecycle, locks, deque, ordered, crypto, subprocess,
            ],
            swiftSettings: rules),
        .target(
            name: "Analytics",
            dependencies: ["Bridge", "Charts", "CPostgres", grdb, log, metrics, locks, deque, crypto],
            swiftSettings: rules),
        .executableTarget(
            name: "SlackBot",
            dependencies: [
                "Bridge", "Analytics", "CMarkdown", "WebSockets", "SlackEmulator", "DemoOps", hummingbird, yams,
                arguments,
                log, metrics, lifecycle, signals, locks, deque, crypto, asyncAlgorithms,
            ],
            swiftSettings: rules),

        // A Slack emulator on loopback, and the MCP server of the demo.
        .target(
            name: "SlackEmulator", dependencies: ["Bridge", "WebSockets", hummingbird, log, lifecycle, locks, deque],
            resources: [.embedInCode("Page")], swiftSettings: rules),
        .target(
            name: "DemoOps", dependencies: ["Bridge", grdb, hummingbird, ordered, log, lifecycle], swiftSettings: rules),

        .target(
            name: "TestKit", dependencies: ["Bridge", locks, subprocess], path: "Tests/TestKit",
            swiftSettings: rules),
        .testTarget(name: "WebSocketsTests", dependencies: ["WebSockets", "TestKit", log], swiftSettings: rules),
        .testTarget(name: "ChartsTests", dependencies: ["Charts", "CCairo"], swiftSettings: rules),
        .testTarget(
            name: "BridgeTests", dependencies: ["Bridge", "TestKit", log, locks, lifecycle], swiftSettings: rules),
        .testTarget(
            name: "AnalyticsTests", dependencies: ["Analytics", "Bridge", "TestKit", log, locks], swiftSettings: rules),
        .testTarget(
            name: "SlackBotTests",
            dependencies: ["SlackBot", "Analytics", "Bridge", "WebSockets", "TestKit", log, locks, lifecycle],
            swiftSettings: rules),
        .testTarget(
            name: "EmulatorTests", dependencies: ["SlackEmulator", "WebSockets", "Bridge", "TestKit", log],
            swiftSettings: rules),
        .testTarget(name: "DemoOpsTests", dependencies: ["DemoOps", "Bridge", "TestKit", log], swiftSettings: rules),
        .testTarget(
            name: "ScenarioTests",
            dependencies: [
                "SlackBot", "SlackEmulator", "DemoOps", "Analytics", "Bridge", "WebSockets", "TestKit", log, locks,
            ],
            swiftSettings: rules),
        .testTarget(name: "ArchitectureTests", dependencies: ["TestKit"], swiftSettings: rules),
    ]
)
