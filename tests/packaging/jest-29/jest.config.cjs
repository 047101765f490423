module.exports = { testEnvironment: 'jsdom', testTimeout: 120_000 }
