extension Result where Failure == any Error {
    /// Runs `work` and stores its value or error.
    package init(_ work: () async throws -> Success) async {
        do {
            self = .success(try await work())
        } catch {
            self = .failure(error)
        }
    }
}
