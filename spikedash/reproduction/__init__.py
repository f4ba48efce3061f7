"""Running the paper's experiments: train the cells, ask the questions, measure, judge, and write the report."""
