import ArgumentParser
struct DemoMCP: AsyncParsableCommand { func run() async throws {} }
