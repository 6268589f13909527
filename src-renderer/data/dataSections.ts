import type { Component } from 'vue'
import type { DataSection } from '../stores/uiStore'
import AugmentationSettings from './AugmentationSettings.vue'
import BandSettings from './BandSettings.vue'
import ImagesSection from './ImagesSection.vue'
import PreparationSection from './PreparationSection.vue'
import SourceSection from './SourceSection.vue'
import SplitSection from './SplitSection.vue'
import SurveySection from './SurveySection.vue'

/** The sections of the data tab, in the order a person goes through them. Their names are `data.sections` in the texts. */
export const dataSections: readonly { id: DataSection; content: Component }[] = [
  { id: 'source', content: SourceSection },
  { id: 'split', content: SplitSection },
  { id: 'bands', content: BandSettings },
  { id: 'preparation', content: PreparationSection },
  { id: 'augmentation', content: AugmentationSettings },
  { id: 'images', content: ImagesSection },
  { id: 'survey', content: SurveySection },
]
